#!/usr/bin/env bash
# Builds program and IDL with a toolchain for SBPF that is made of upstream Rust and LLVM, and notes what they were built from.
# build.sh <the toolchain's folder> [where the build goes, by default built/]
set -euo pipefail
tools=$(realpath "$1")
cd "$(dirname "$0")"
built=$(realpath -m "${2:-built}")
mkdir -p "$built"
export SBF_CACHE="${SBF_CACHE:-/tmp/sbf-cache}"

"$tools/build-sbf.sh" ticket_ledger "$built/ticket_ledger.so" --locked
CARGO_TARGET_DIR="$SBF_CACHE/idl" CARGO_PROFILE_TEST_DEBUG=0 "$tools/build-idl.sh" ticket_ledger "$built/ticket_ledger.json"
# The order and the names in which `sha256sum --check`, run in this folder, finds them again.
find Cargo.lock Cargo.toml ticket_ledger -type f | LC_ALL=C sort | xargs sha256sum > "$built/source.sha256"
