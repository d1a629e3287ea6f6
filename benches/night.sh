#!/usr/bin/env bash
# A night from scratch on generated data: rfmart beside DuckDB, in turn, medians over the rounds.
#
#   benches/night.sh [ORDERS] [CUSTOMERS] [BRANCHES] [ROUNDS]     default 12000000 1500000 120 3
#
# rfmart publishes the six tables that night_duckdb.sql writes, then all its tables. Each gets 2 threads and 8 GiB.
#   RFMART       the binary; default target/release/rfmart
#   RFMART_VENV  a virtual environment with tests/requirements.txt, as tests/external.sh makes it; default target/venv
#   NIGHT_DIR    where the data and what is published lie (some GB); default a temporary folder, removed afterwards
set -euo pipefail
cd "$(dirname "$0")/.."

orders=${1:-12000000} customers=${2:-1500000} branches=${3:-120} rounds=${4:-3}
as_of=2026-10-31
rfmart=$(realpath "${RFMART:-target/release/rfmart}")
python=${RFMART_VENV:-target/venv}/bin/python
[ -x "$python" ] || { echo "no $python: run tests/external.sh once, or set RFMART_VENV" >&2; exit 64; }

if [ -n "${NIGHT_DIR:-}" ]; then
    dir=$(realpath -m "$NIGHT_DIR")
else
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
fi
data=$dir/data-$orders-$customers-$branches
if [ ! -e "$data/pipeline.yaml" ]; then
    echo "generating $orders orders of $customers customers in $branches branches" >&2
    "$rfmart" generate "$data" --format parquet --orders "$orders" --customers "$customers" --branches "$branches" --until "$as_of" >&2
fi
"$python" benches/night.py "$rfmart" "$data" "$dir" "$as_of" "$rounds"
