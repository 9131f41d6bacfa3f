#!/bin/sh
# Sets up the work tree: system packages, .venv, the locked versions, the project itself. Run it as often as you like.
#
# It installs missing system packages with apt where it may (as root, or with sudo that asks for no password); elsewhere it
# says in one line what to install. PYTHON=/path/to/python3.12 chooses another interpreter; VENV=/elsewhere another folder.
set -eu
cd "$(dirname "$0")/.."

venv=${VENV:-.venv}
stamp=$venv/.set-up

fail() {
    echo "setup: $*" >&2
    exit 1
}

# --- Is there anything to do? ---

digest() {
    { cat requirements-build.lock requirements-dev.lock pyproject.toml tools/setup.sh; pwd; } | cksum
}

# --- Python ---

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        supported "$PYTHON" || fail "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13; name one that is"
        echo "$PYTHON"
        return
    fi
    for candidate in "$venv/bin/python" python3 python3.13 python3.12 python3.11; do
        if supported "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

# --- System packages ---

may_apt() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Installs the packages given, or ends with the line that says what to do.
install_packages() {
    if may_apt; then
        echo "setup: installing system packages: $*"
        as_root apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    elif command -v apt-get >/dev/null; then
        fail "system packages are missing: run 'sudo apt-get install $*', then this again"
    else
        fail "what these Debian packages hold is missing: $*; install your system's equivalents, then run this again"
    fi
}

has_library() {
    "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
}

has_header() {
    "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}

can_compile() {
    command -v cc >/dev/null && echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1
}

# The static collections: each holds Traditional and Simplified glyphs, and embeds as a subset. (The variable fonts embed badly.)
has_chinese_font() {
    command -v fc-list >/dev/null && fc-list | grep -q 'NotoSansCJK-Regular\.ttc'
}

missing_packages() {
    # On other systems than Linux the libraries bear other names; WeasyPrint says there itself what it misses.
    if [ "$(uname)" = Linux ]; then
        has_library libpango-1.0.so.0 || echo libpango-1.0-0
        has_library libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
        # Without it a page with a Chinese font takes forty seconds instead of one.
        has_library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
        has_chinese_font || echo fontconfig fonts-noto-cjk
    fi
    command -v pdftotext >/dev/null || echo poppler-utils
    # durable-rules exists as source alone.
    can_compile || echo gcc libc6-dev
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    has_header || echo "python$version-dev"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "python$version-venv"
}

# --- The environment ---

make_venv() {
    if ! supported "$venv/bin/python"; then
        echo "setup: making $venv with $("$python" --version)"
        "$python" -m venv --clear "$venv"
    elif [ ! -e "$stamp" ]; then
        echo "setup: taking the $venv that is there ($("$venv/bin/python" --version))"
    fi
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null
}

pip_install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

engine_loads() {
    "$venv/bin/python" -c 'import durable.engine' 2>/dev/null
}

install_locked() {
    # durable-rules 2.0.28 names a function that Python 3.13 no longer has; its successor takes the same arguments.
    if "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 13))'; then
        export CPPFLAGS="-DPyEval_CallObject=PyObject_CallObject ${CPPFLAGS:-}"
        export CFLAGS="-DPyEval_CallObject=PyObject_CallObject ${CFLAGS:-}"
    fi
    pip_install --require-hashes -r requirements-build.lock
    pip_install --require-hashes --no-build-isolation -r requirements-dev.lock
    # A wheel that was built without that flag may have come from pip's cache.
    if ! engine_loads; then
        sed -n '/^durable-rules==/,/[^\\]$/p' requirements-dev.lock > "$venv/durable-rules.lock"
        pip_install --require-hashes --no-build-isolation --no-deps --no-cache-dir --force-reinstall -r "$venv/durable-rules.lock"
        engine_loads || fail "durable-rules was built but does not load: $("$venv/bin/python" -c 'import durable.engine' 2>&1 | tail -1)"
    fi
    pip_install --no-build-isolation --no-deps --editable .
}

python=$(find_python)
if [ -z "$python" ]; then
    install_packages python3 python3-venv python3-dev
    python=$(find_python)
    [ -n "$python" ] || fail "this system's python3 is not 3.11, 3.12 or 3.13; install one of them and run this again with PYTHON=/path/to/it"
fi

missing=$(missing_packages)
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # one package a word
    install_packages $missing
fi

if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(digest)" ] && [ -x "$venv/bin/auditor" ]; then
    touch "$stamp"
    exit 0
fi
make_venv
rm -f "$stamp"
echo "setup: installing the locked versions into $venv"
install_locked
digest > "$stamp"
echo "setup: done"
