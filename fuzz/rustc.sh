#!/usr/bin/env bash
# rustc, which puts libFuzzer's instruments into rfmart and what fuzzes it, and leaves dependencies as they are.
set -euo pipefail
instruments=(
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
    -Ccodegen-units=16
)
case " $* " in
    *" --crate-name rfmart "* | *" --crate-name look "*) exec "$@" "${instruments[@]}" ;;
    *) exec "$@" ;;
esac
