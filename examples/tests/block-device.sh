#!/bin/sh
# A block device in memory: what is written to it can be read again.
set -eu
modprobe null_blk memory_backed=1 gb=1
head -c 1M /dev/urandom > /tmp/written
dd if=/tmp/written of=/dev/nullb0 bs=64k oflag=direct status=none
dd if=/dev/nullb0 bs=64k count=16 iflag=direct status=none | cmp - /tmp/written
