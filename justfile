# Formatting, lints and deployment files; runs no test.
check:
    cargo fmt --check
    scripts/lint_sql.sh
    scripts/check_schema.sh
    scripts/check_dependencies.sh
    deploy/check.sh
    scripts/cargo.sh build --all-targets

# Tests, all or those with a part of a name: just test lifecycle
test *filter:
    scripts/cargo.sh test {{ filter }}

# The same by cargo-nextest, which shows each test and what it took.
nextest *filter:
    scripts/cargo.sh nextest {{ filter }}

# Nights over a store that fails, as many as are asked for: just simulate 50000
simulate nights:
    RFMART_SIMULATED_NIGHTS={{ nights }} scripts/cargo.sh test simulation -- --nocapture

# libFuzzer, so many seconds for each kind of text: just fuzz 1800 csv commit
fuzz seconds *kinds:
    scripts/fuzz.sh {{ seconds }} {{ kinds }}

# A changed line of SQL against the cases, with the binary that is there: just cases segments
cases filter="":
    target/release/rfmart test --models sql --filter "{{ filter }}"

# Writes what the program now answers into the expected files; review the diff before committing it.
bless *filter:
    RFMART_BLESS=1 scripts/cargo.sh test {{ filter }}

# Whether this build publishes the same bytes as an earlier binary: just same /tmp/rfmart-before fct_action_list
same before *tables:
    cargo build --release --locked
    scripts/compare_demo.sh {{ before }} target/release/rfmart {{ tables }}

# Side by side with DuckDB, Polars and the floor, on generated data: just bench 3000000 375000 120 3
bench *arguments:
    benches/night.sh {{ arguments }}

# All that has to hold before a merge.
ci:
    .ci/run

# What takes too long for each merge: all tests of a built binary from outside, and the golden journey day by day.
full:
    RFMART_EVERY_DAY=1 scripts/cargo.sh test golden
    tests/external.sh

# Formats Rust and SQL.
fmt:
    cargo fmt
    scripts/lint_sql.sh --fix
