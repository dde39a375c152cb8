#!/bin/sh
# Finds the commit that broke an out-of-tree kernel module. In the module's repository:
#   git bisect start BAD GOOD
#   KERNEL=~/linux MODULE=hello git bisect run path/to/bisect-module.sh
# KERNEL: a build tree. MODULE: the module's name; its file is MODULE.ko.
set -eu
: "${KERNEL:?names a build tree}" "${MODULE:?names the module}"

# 125: git skips a commit that cannot be built.
make -s -C "$KERNEL" M="$PWD" modules || exit 125

# --bisect: a command that fails, a panic, an oops and a hang are "bad"; an error of the host ends the bisection.
exec vm run -k "$KERNEL" --bisect --timeout 300 --exec "insmod '$PWD/$MODULE.ko' && rmmod '$MODULE'"
