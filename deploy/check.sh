#!/usr/bin/env bash
# Checks everything that deploys rfmart, as far as that goes without Docker, a cluster or a running systemd; and every
# shell script, YAML file and workflow of the project. Needs python3, systemd-analyze, and kubectl or kustomize.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The oldest release in which CronJobs have all the fields used.
kubernetes_version=1.31
# Exposure as systemd-analyze counts it, 0 to 100; below 20 it says OK.
max_exposure=15

main() {
    local bin scratch
    bin=$(scripts/venv.sh deploy deploy/requirements.txt)
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064 # The folder's name is known now.
    trap "rm -rf '$scratch'" EXIT

    step "shell scripts"
    find .ci/run . -path ./target -prune -o -path ./.git -prune -o -name '*.sh' -print0 -o -path .ci/run -print0 |
        xargs -0 "$bin/shellcheck"
    step "YAML files"
    "$bin/yamllint" --strict --config-file deploy/yamllint.yaml .
    step "Dockerfile"
    "$bin/hadolint" --config deploy/hadolint.yaml deploy/Dockerfile
    step "systemd units"
    check_units "$scratch"
    step "Kubernetes manifests"
    render deploy/kubernetes >"$scratch/manifests.yaml"
    "$bin/kubernetes-validate" --strict --quiet --kubernetes-version "$kubernetes_version" "$scratch/manifests.yaml"
    step "exit codes"
    check_exit_codes
    step "GitHub workflows"
    "$bin/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
    "$bin/check-jsonschema" --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
    "$bin/check-jsonschema" --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/{bug,idea}.yml
    "$bin/zizmor" --offline --quiet --no-progress .github >/dev/null
}

step() {
    echo "deploy: $1"
}

# A value that systemd doesn't understand is only a warning to it, so any word on stderr counts.
check_units() {
    local units=$1/units complaints
    mkdir "$units"
    cp deploy/systemd/rfmart@.* "$units"
    # The binary needn't be installed here.
    sed --in-place 's|^ExecStart=/usr/local/bin/rfmart |ExecStart=/bin/true |' "$units/rfmart@.service"
    complaints=$(systemd-analyze verify --man=no "$units"/* 2>&1) || fail "systemd-analyze verify" "$complaints"
    [[ -z $complaints ]] || fail "systemd-analyze verify" "$complaints"
    complaints=$(systemd-analyze security --offline=true --no-pager --threshold="$max_exposure" "$units/rfmart@.service") ||
        fail "systemd-analyze security: exposure over $max_exposure" "$complaints"
}

render() {
    if command -v kustomize >/dev/null; then
        kustomize build "$1"
    else
        kubectl kustomize "$1"
    fi
}

# What isn't retried is the same under systemd and Kubernetes.
check_exit_codes() {
    local systemd kubernetes
    systemd=$(sed -n 's/^RestartPreventExitStatus=//p' deploy/systemd/rfmart@.service)
    kubernetes=$(sed -n 's/^ *values: \[\(.*\)\]$/\1/p' deploy/kubernetes/cronjob.yaml | tr --delete ,)
    [[ -n $systemd && $systemd == "$kubernetes" ]] ||
        fail "not retried under systemd: '$systemd'" "not retried under Kubernetes: '$kubernetes'"
    local airflow dagster
    airflow=$(grep '^RETRIED = ' deploy/airflow/rfmart_night.py)
    dagster=$(grep '^RETRIED = ' deploy/dagster/rfmart_night.py)
    [[ $airflow == "$dagster" ]] || fail "retried under Airflow: $airflow" "retried under Dagster: $dagster"
}

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

main
