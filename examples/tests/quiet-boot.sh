#!/bin/sh
# The kernel has complained of nothing so far: no line of its log is an error or worse.
set -eu
errors=$(dmesg --level emerg,alert,crit,err)
[ -z "$errors" ] || {
  printf '%s\n' "$errors" >&2
  exit 1
}
