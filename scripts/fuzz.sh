#!/usr/bin/env bash
# libFuzzer over what people, branches and earlier runs write, one kind of text after the other:
#
#   scripts/fuzz.sh SECONDS [KIND...]     kinds: pipeline expression query sidecar csv ndjson date date_format commit
#
# A text that breaks a promise (tests/it/fuzz/looks.rs) is kept in target/fuzz/KIND/, and ends it with exit code 1; what
# it has learned stays there for the next time. `cargo fuzz` instruments every dependency, too, and takes a nightly
# compiler for it; here DataFusion stays as it was compiled, and only ways through rfmart count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:?how many seconds for each kind}
shift
kinds=("$@")
((${#kinds[@]})) || kinds=(pipeline expression query sidecar csv ndjson date date_format commit)

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# The same versions as everywhere else, and libFuzzer's.
cp Cargo.lock fuzz/Cargo.lock
RUSTC_WRAPPER=$PWD/fuzz/rustc.sh cargo build --quiet --release --manifest-path fuzz/Cargo.toml \
    --config 'profile.release.package.rfmart.opt-level=1' --config 'profile.release.package.rfmart.overflow-checks=true' \
    --config 'profile.release.package.rfmart.debug-assertions=true'

scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
for kind in "${kinds[@]}"; do
    mkdir -p "$CARGO_TARGET_DIR/fuzz/$kind/texts" "$scratch/good"
    printf '\n== %s\n' "$kind"
    TMPDIR=$scratch RFMART_LOOK=$kind RFMART_LOOK_GOOD=$scratch/good RUST_MIN_STACK=67108864 \
        "$CARGO_TARGET_DIR/release/look" "$CARGO_TARGET_DIR/fuzz/$kind/texts" "$scratch/good" \
        -artifact_prefix="$CARGO_TARGET_DIR/fuzz/$kind/" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=4096 \
        -max_len=20000 -print_final_stats=1 -verbosity=0
    rm -r "$scratch/good"
done
