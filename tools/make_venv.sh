#!/bin/sh
# Makes the virtual environment named in $1, with the first Python of 3.11 or newer that can. It installs no package of ours.
set -eu
venv=$1

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
can_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

python=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    new_enough "$name" || continue
    python=${python:-$name}
    if can_venv "$name"; then python=$name; break; fi
done

if [ -z "$python" ]; then
    echo "cmtools needs Python 3.11 or newer and found none. On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2
    exit 1
fi

if ! can_venv "$python"; then # Debian and Ubuntu keep it in a package of its own
    package=python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "$python cannot make a virtual environment yet. Type: sudo apt install $package" >&2
        exit 1
    fi
    echo "Installing $package ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
fi

rm -rf "$venv" # a half-made one from an interrupted run
"$python" -m venv "$venv"
