#!/usr/bin/env bash
# Whether two builds of rfmart publish the same: runs the demo with both and compares the Parquet files' bytes, all but
# dim_snapshot's, which hold when a run took place. Names each table whose bytes differ, and each that only one has.
#
#   scripts/compare_demo.sh BEFORE AFTER [TABLE...]
#
# BEFORE and AFTER are binaries; a TABLE named is expected to differ or to be there in one alone.
set -euo pipefail

main() {
    (($# >= 2)) || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 64; }
    local scratch
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064 # The folder's name is known now.
    trap "rm -rf '$scratch'" EXIT
    hashes "$1" "$scratch/before.txt" "$scratch/demo"
    hashes "$2" "$scratch/after.txt" "$scratch/demo"
    local differing expected
    differing=$({ diff "$scratch/before.txt" "$scratch/after.txt" || true; } | sed -n 's|^[<>] [0-9a-f]*  \./\([a-z_]*\)/.*|\1|p' | sort -u)
    expected=$(printf '%s\n' "${@:3}" | sort -u)
    printf '%d files before, %d after\n' "$(wc -l <"$scratch/before.txt")" "$(wc -l <"$scratch/after.txt")"
    [[ -z $differing ]] || echo "differs:" "${differing//$'\n'/ }"
    if [[ $differing == "$expected" ]]; then
        echo "all else has the same bytes"
    else
        echo "expected to differ: ${expected:-nothing}" >&2
        return 1
    fi
}

# hashes BINARY FILE FOLDER: the hashes of what BINARY's demo publishes, by file. Both demos run in the same folder, whose
# name is in the rejected rows.
hashes() {
    "$(realpath "$1")" demo "$3" >"$3.log" 2>&1 || { cat "$3.log" >&2; return 1; }
    (cd "$3/warehouse" && find . -name '*.parquet' ! -path './dim_snapshot/*' -print0 | sort -z | xargs -0 sha256sum |
        sed 's|/part-[0-9a-f]*\.parquet$|/|') >"$2"
    [[ -s $2 ]] || { echo "$1 publishes nothing" >&2; return 1; }
    rm -r "$3"
}

main "$@"
