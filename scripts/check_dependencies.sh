#!/usr/bin/env bash
# That crates whose types must fit each other are there once; and, where cargo-deny is installed, licenses and origins of
# all dependencies (deny.toml).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

once=(arrow datafusion object_store parquet tokio)

tree=$(cargo tree --locked --prefix none --format '{p}')
for crate in "${once[@]}"; do
    versions=$(sed -n "s/^$crate v\([^ ]*\).*/\1/p" <<<"$tree" | sort --unique)
    if [[ -z $versions || $(wc --lines <<<"$versions") -ne 1 ]]; then
        echo "$crate is there in other than one version: ${versions:-none}" >&2
        exit 1
    fi
done
echo "one version each: ${once[*]}"
if command -v cargo-deny >/dev/null; then
    cargo deny --log-level error check bans licenses sources
else
    echo "licenses and origins weren't looked at: cargo install cargo-deny"
fi
