#!/usr/bin/env bash
# Lints sql/, by the project's rules for model files, and report/figures/; both by sqlfluff with .sqlfluff.
#
#   scripts/lint_sql.sh         says what is wrong
#   scripts/lint_sql.sh --fix   lets sqlfluff mend what it can
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$(scripts/venv.sh sql scripts/requirements.txt)
if [[ ${1:-} == --fix ]]; then
    # What it can't mend, the lint says.
    "$bin/sqlfluff" fix --quiet --disable-progress-bar sql report/figures || true
fi
"$bin/python" scripts/lint_sql.py sql
"$bin/sqlfluff" lint --disable-progress-bar sql report/figures
