#!/usr/bin/env bash
# A night from scratch on generated data: rfmart beside DuckDB, Polars and the floor, in turn, values compared; then a
# night with one day added. README.md here tells what is measured.
#
#   benches/night.sh [ORDERS] [CUSTOMERS] [BRANCHES] [ROUNDS]     default 3000000 375000 120 3
#   benches/night.sh 12000000 1500000                             for the record
#
# Each gets 2 threads and 8 GiB. Exit code 1: values differ.
#   NIGHT_LAYOUT  by-month (default): a Parquet file per month; csv: gzipped, per branch and month;
#                 by-customer: as generated, a Parquet file per 65,536 customers
#   NIGHT_ONLY    candidates, such as "rfmart-six duckdb"; default all
#   NIGHT_DIR     where data, what is published and logs lie (some GB), so that the next run finds the data; default a
#                 temporary folder, removed afterwards
#   NIGHT_MONTHS  months of history, ORDERS in all; default as generated, 26
#   RFMART        the binary; default target/release/rfmart
#   RFMART_VENV   a virtual environment with tests/requirements.txt, as tests/external.sh makes it; default target/venv
set -euo pipefail
cd "$(dirname "$0")/.."

orders=${1:-3000000} customers=${2:-375000} branches=${3:-120} rounds=${4:-3}
layout=${NIGHT_LAYOUT:-by-month}
as_of=2026-10-31
rfmart=$(realpath "${RFMART:-target/release/rfmart}")
python=${RFMART_VENV:-target/venv}/bin/python
[ -x "$python" ] || { echo "no $python: run tests/external.sh once, or set RFMART_VENV" >&2; exit 64; }
case $layout in
    by-month | csv | by-customer) ;;
    *) echo "NIGHT_LAYOUT: no '$layout': there are by-month, csv, by-customer" >&2; exit 64 ;;
esac

if [ -n "${NIGHT_DIR:-}" ]; then
    dir=$(realpath -m "$NIGHT_DIR")
else
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
fi
generated=$dir/data-$orders-$customers-$branches${NIGHT_MONTHS:+-$NIGHT_MONTHS-months}
if [ ! -e "$generated/pipeline.yaml" ]; then
    echo "generating $orders orders of $customers customers in $branches branches" >&2
    "$rfmart" generate "$generated" --format parquet --orders "$orders" --customers "$customers" \
        --branches "$branches" ${NIGHT_MONTHS:+--months "$NIGHT_MONTHS"} --until "$as_of" >&2
fi
data=$generated
if [ "$layout" != by-customer ]; then
    data=$generated-$layout
    [ -e "$data" ] || "$python" benches/layout.py "$generated" "$data" "$layout" "$as_of"
fi
if [ "$layout" = by-month ] && [ ! -e "$data-one-day" ]; then
    "$python" benches/layout.py "$data" "$data-one-day" one-day "$as_of"
fi
"$python" benches/night.py "$rfmart" "$data" "$dir" "$as_of" "$layout" "$rounds"
