#!/bin/sh
# Installs vm-modules-mounter in a guest with systemd, or removes it: ./install.sh [--uninstall] [ROOT]
# ROOT is the guest's root directory, for an image that is not running; without it, this system.
# Nothing has to be enabled: systemd runs every generator that it finds, from the next boot on.
set -eu

action=install
if [ "${1-}" = --uninstall ]; then
    action=uninstall
    shift
fi
root=${1-}
root=${root%/}
here=$(dirname "$0")

# Where /usr is apart from /, systemd and what it needs before /usr is mounted live below /lib.
lib=$root/usr/lib
if [ -d "$root/lib/systemd" ] && ! [ -h "$root/lib" ]; then lib=$root/lib; fi
generator=$lib/systemd/system-generators/vm-modules-mounter
program=$lib/systemd/vm-modules-mount

case $action in
install)
    if ! [ -d "$lib/systemd" ]; then
        echo "install.sh: $lib/systemd is missing: this guest has no systemd" >&2
        exit 1
    fi
    mkdir -p "${generator%/*}"
    # The program first: a generator without it would write a unit that fails.
    for file in "$program" "$generator"; do
        cp "$here/${file##*/}" "$file.new"
        chmod 755 "$file.new"
        mv "$file.new" "$file"
    done
    echo "installed $generator: it works from the next boot on"
    ;;
uninstall)
    rm -f "$generator" "$program"
    echo "removed $generator"
    ;;
esac
