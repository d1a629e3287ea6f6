#!/usr/bin/env bash
# cargo for tests and lints: `scripts/cargo.sh test lifecycle`.
#
# Dependencies are those of a release build, compiled once for all. rfmart itself is compiled quickly rather than to
# run fast, only what has changed, and by clippy: what a lint forbids doesn't compile. (`cargo clippy` alone would check
# all dependencies once more, without making anything of them.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__
# Unoptimised code needs more of it, for plans of long queries.
export RUST_MIN_STACK=67108864

case $1 in
    nextest) command=(nextest run --cargo-profile release) ;;
    *) command=("$1" --release) ;;
esac
exec cargo "${command[@]}" --locked \
    --config 'profile.release.package.rfmart.opt-level=0' --config 'profile.release.incremental=true' "${@:2}"
