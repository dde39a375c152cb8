#!/bin/sh
# Writes the installation of Arch Linux that arch-setup.json describes as one script: arch-setup.sh FILE
# The script needs nothing of this repository: read it, change it, and run it as root in Arch Linux's live system.
set -eu
script=${1:?names the file to write}
arch-install --config "$(dirname "$0")/arch-setup.json" --dry-run > "$script"
bash -n "$script"
