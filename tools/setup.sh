#!/usr/bin/env bash
# Creates .venv from requirements.lock, every archive checked against its hash, and puts this checkout into it.
#
# Python 3.12 is looked for as python3.12, then through pyenv, then through uv. What the system lacks is named with the
# line that installs it; root on Debian or Ubuntu gets it installed.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

is_312() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' >/dev/null 2>&1; }

install_packages() {
    local line="apt-get install -y $*"
    command -v apt-get >/dev/null || fail "missing: $*. Install them with this system's package manager."
    [ "$(id -u)" = 0 ] || fail "missing: $*. Install with: sudo apt-get update && sudo $line"
    say "installing: $*"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive $line; } </dev/null \
        || fail "could not install: $*. Try: apt-get update && $line"
}

python_from_pyenv() {
    local pyenv="${PYENV_ROOT:-$HOME/.pyenv}/bin/pyenv" version
    command -v pyenv >/dev/null && pyenv=pyenv
    command -v "$pyenv" >/dev/null || return 1
    version=$("$pyenv" versions --bare --skip-aliases 2>/dev/null | grep -E '^3\.12\.[0-9]+$' | sort -V | tail -n 1) || return 1
    printf '%s\n' "$("$pyenv" root)/versions/$version/bin/python3.12"
}

find_python() {
    local found
    for found in "$(command -v python3.12)" "$(python_from_pyenv)" "$(uv python find --system --no-project 3.12 2>/dev/null)"; do
        if [ -n "$found" ] && is_312 "$found"; then printf '%s\n' "$found"; return; fi
    done
    return 1
}

has_library() { "$python" -c "import ctypes, sys; ctypes.CDLL(sys.argv[1])" "$1" >/dev/null 2>&1; }

if ! [ -x .venv/bin/python ] || ! is_312 .venv/bin/python; then
    python=$(find_python) || fail "Python 3.12 was not found as python3.12, in pyenv or in uv. Install one of them:
  Ubuntu 24.04:  sudo apt-get install -y python3.12 python3.12-venv
  pyenv:         pyenv install 3.12
  uv:            uv python install 3.12"
    say "creating .venv with $("$python" -V)"
    "$python" -c 'import bz2, ctypes, lzma, sqlite3, ssl, zlib' 2>/dev/null \
        || fail "this Python 3.12 was built without one of bz2, ctypes, lzma, sqlite3, ssl, zlib; take another build"
    missing=()
    command -v git >/dev/null || missing+=(git)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3.12-venv)
    # The compiled wheels bring every other library with them.
    has_library libz.so.1 || missing+=(zlib1g)
    has_library libstdc++.so.6 || missing+=(libstdc++6)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
    "$python" -m venv --clear .venv
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
say "installing $(grep -c '==' requirements.lock) locked packages (about 2 GB; minutes on a slow line)"
.venv/bin/python -m pip install --no-input --quiet --require-hashes -r requirements.lock </dev/null
# hatchling stands in the lock, so building this checkout downloads nothing.
.venv/bin/python -m pip install --no-input --quiet --no-deps --no-build-isolation -e . </dev/null
.venv/bin/python -m pip check </dev/null
sha256sum requirements.lock | cut -d ' ' -f 1 > .venv/lock.sha256
say "done; .venv/bin/blueprint --help shows what it can do"
