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
service=$lib/systemd/system/vm-exec.service
rules=$lib/udev/rules.d/60-vm-exec.rules

case $action in
install)
    if ! [ -d "$lib/systemd" ]; then
        echo "install.sh: $lib/systemd is missing: this guest has no systemd" >&2
        exit 1
    fi
    # put MODE FILE
    put() {
        mkdir -p "${2%/*}"
        cp "$here/${2##*/}" "$2.new"
        chmod "$1" "$2.new"
        mv "$2.new" "$2"
    }
    # The program first: a generator without it would write a unit that fails.
    put 755 "$program"
    put 755 "$generator"
    put 644 "$service"
    put 644 "$rules"
    echo "installed $generator: it works from the next boot on"
    ;;
uninstall)
    rm -f "$generator" "$program" "$rules" "$service"
    echo "removed $generator"
    ;;
esac
