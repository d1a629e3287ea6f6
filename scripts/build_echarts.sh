#!/usr/bin/env bash
# Makes report/echarts.min.js: of Apache ECharts what scripts/echarts/echarts.js names, in one file, with its licences.
# Versions are those of scripts/echarts/package-lock.json, so the same file comes out everywhere.
#
# Needs npm. The result is kept in the repository: neither a build nor a run of rfmart needs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp scripts/echarts/{echarts.js,package.json,package-lock.json} "$scratch"
npm --prefix "$scratch" ci --silent --no-audit --no-fund --ignore-scripts
modules=$scratch/node_modules
"$modules/.bin/esbuild" "$scratch/echarts.js" --bundle --minify --format=iife --global-name=echarts --target=es2020 \
    --log-level=warning --outfile="$scratch/echarts.min.js"
{
    printf '/*!\n'
    printf 'Apache ECharts, with zrender in it. ECharts is licensed under the Apache License 2.0, see LICENSE.\n\n'
    # What would end the comment, or the script that the file becomes, doesn't occur in these texts.
    cat "$modules/echarts/NOTICE"
    printf '\nzrender:\n\n'
    cat "$modules/zrender/LICENSE"
    printf '\n*/\n'
    cat "$scratch/echarts.min.js"
} >report/echarts.min.js
