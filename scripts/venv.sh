#!/usr/bin/env bash
# Makes the Python environment target/venv/NAME from a requirements file, unless it is there already,
# and prints its bin folder.
#
#   scripts/venv.sh NAME REQUIREMENTS
set -euo pipefail
name=$1
requirements=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=$PWD/target/venv/$name
if ! cmp --silent "$requirements" "$venv/requirements.txt"; then
    rm -rf "$venv"
    "${PYTHON:-python3}" -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
    # Last, so that an interrupted install is made again.
    cp "$requirements" "$venv/requirements.txt"
fi
echo "$venv/bin"
