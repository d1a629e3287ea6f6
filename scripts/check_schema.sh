#!/usr/bin/env bash
# Checks pipelines/schema.json as editors use it: what loads passes, wrong shapes don't.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$(scripts/venv.sh deploy deploy/requirements.txt)
"$bin/python" scripts/check_schema.py
