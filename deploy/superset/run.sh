#!/usr/bin/env bash
# Serves the dashboard of a pipeline's warehouse on this machine alone, from nothing: installs Superset, makes its own
# database, imports the dashboard, or brings it up to date, and listens on http://127.0.0.1:8088/superset/dashboard/rfmart/.
#
#   deploy/superset/run.sh clinics.yaml
#
#   RFMART                   the binary; default target/release/rfmart
#   SUPERSET_HOME            where everything is kept that it writes; default target/superset
#   SUPERSET_ADMIN_PASSWORD  of the user `admin`, when it is made
#   SUPERSET_LANGUAGE        zh-Hant (default), zh-Hans or en
#   SUPERSET_PORT            default 8088; 0 serves nothing
set -euo pipefail
pipeline=$(realpath "${1:?the pipeline file}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rfmart=${RFMART:-target/release/rfmart}
SUPERSET_HOME=$(realpath --canonicalize-missing "${SUPERSET_HOME:-target/superset}")
export SUPERSET_HOME SUPERSET_CONFIG_PATH=$PWD/deploy/superset/superset_config.py FLASK_APP=superset
port=${SUPERSET_PORT:-8088}

main() {
    local bin
    bin=$(scripts/venv.sh superset deploy/superset/requirements.txt)
    mkdir -p "$SUPERSET_HOME"
    chmod 700 "$SUPERSET_HOME"
    local tables=$SUPERSET_HOME/rfmart.duckdb
    "$rfmart" catalog "$pipeline" | "$bin/python" deploy/superset/tables.py "$tables"
    "$bin/python" deploy/superset/generate.py --zip "$SUPERSET_HOME/rfmart.zip" --tables "$tables" \
        --language "${SUPERSET_LANGUAGE:-zh-Hant}"
    if [[ -e $SUPERSET_HOME/imported ]]; then
        update "$bin"
    else
        prepare "$bin"
    fi
    [[ $port == 0 ]] || exec "$bin/superset" run --host 127.0.0.1 --port "$port" --with-threads
}

prepare() {
    "$1/superset" db upgrade
    "$1/superset" fab create-admin --username admin --firstname Superset --lastname Admin --email admin@localhost \
        --password "${SUPERSET_ADMIN_PASSWORD:?the password of the user admin}"
    "$1/superset" init
    "$1/superset" import-dashboards --path "$SUPERSET_HOME/rfmart.zip" --username admin
    touch "$SUPERSET_HOME/imported"
}

# `import-dashboards` leaves datasets and charts that are there as they are.
update() {
    rm -rf "$SUPERSET_HOME/rfmart"
    "$1/python" -m zipfile -e "$SUPERSET_HOME/rfmart.zip" "$SUPERSET_HOME"
    "$1/superset" import-directory --overwrite "$SUPERSET_HOME/rfmart"
}

main
