#!/usr/bin/env bash
# Writes both locks: every archive with its hashes, no index address, for CPython 3.12 on Linux x86-64.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
        --python-version 3.12 --python-platform "x86_64-manylinux_${glibc:-2_28}" \
        --custom-compile-command "make lock" "$@"
}

compile pyproject.toml --extra scene --extra sim --extra video --extra ray --extra dev --output-file requirements.lock
compile exts/blueprint.pipeline/prebundle.in --output-file exts/blueprint.pipeline/prebundle.lock

# What acceptance checks read with; these may be anything, since they stay in environments of their own.
# The newest C library that one of them wants is glibc 2.35.
for readers in tests/acceptance/requirements/*.in; do
    glibc=2_35 compile "$readers" --output-file "${readers%.in}.txt"
done

for lock in requirements.lock exts/blueprint.pipeline/prebundle.lock; do
    if grep -nE '://|^(torch|nvidia-|cuda-|cupy|usd-exchange)' "$lock"; then
        echo "lock: $lock names an address or a package that must not be installed" >&2
        exit 1
    fi
done
