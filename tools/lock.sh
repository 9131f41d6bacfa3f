#!/bin/sh
# Writes the three lock files from pyproject.toml: the same versions for every Python from 3.11 on, each with its hashes.
# Extras stay with the names (`coverage[toml]==…`): pip asks for the package with its extra as for another package, finds no
# such pin, and refuses the whole file on the day that a newer release comes out.
# `sh tools/lock.sh` keeps what is locked and still fits; `sh tools/lock.sh --upgrade` takes the newest.
set -eu
cd "$(dirname "$0")/.."

command -v uv >/dev/null || { echo "lock: uv is missing; install it with: python3 -m pip install uv" >&2; exit 1; }

lock() {
    target=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-strip-extras --no-annotate \
        --no-emit-index-url --custom-compile-command "sh tools/lock.sh" "$@" --output-file "$target" pyproject.toml
}

lock requirements-dev.lock --extra postgresql --extra mysql --group dev ${1:+"$1"}
# The two others take the versions of the first, so that what is tested is what is installed.
lock requirements.lock --extra postgresql --extra mysql --constraint requirements-dev.lock ${1:+"$1"}
uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-strip-extras --no-annotate \
    --no-emit-index-url --custom-compile-command "sh tools/lock.sh" --group build --constraint requirements-dev.lock \
    --output-file requirements-build.lock ${1:+"$1"}
