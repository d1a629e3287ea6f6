# Formatting, lints and deployment files; runs no test.
check:
    cargo fmt --check
    scripts/lint_sql.sh
    scripts/check_schema.sh
    deploy/check.sh
    cargo clippy --release --all-targets --locked -- -D warnings

# All tests; narrow them down with a part of a name: just test lifecycle
test *filter:
    cargo test --release --locked {{ filter }}

# Writes what the program now answers into the expected files; review the diff before committing it.
bless *filter:
    RFMART_BLESS=1 INSTA_UPDATE=always cargo test --release --locked {{ filter }}

# Side by side with DuckDB, on generated data.
bench *arguments:
    benches/night.sh {{ arguments }}

# All that has to hold before a merge.
ci:
    .ci/run

# All tests of a built binary from outside, also those that take too long for each merge.
full:
    tests/external.sh

# Formats Rust and SQL.
fmt:
    cargo fmt
    scripts/lint_sql.sh --fix
