#!/bin/sh
plan() {
  set -e +C
  # The VM is made beside its place, then moved there.
  mkdir -p /home/me/linux/vm
  mkdir -m 755 /home/me/linux/vm/.TestVM.new
  cd /home/me/linux/vm/.TestVM.new || exit 1
  cat > vm.mjs <<'EOF' || exit 1
export const kernelCmdline = ["root=/dev/vda1"];
EOF
  (umask 077 && printf %s 'no newline at the end' > key) || exit 1
  chmod 600 key
  printf %b 'QFI\0373\0000\nA' > magic || exit 1
  qemu-img create -q -f qcow2 root.qcow2 16G
  sfdisk root.qcow2 <<'EOF'
label: gpt
,,L
EOF
  env echo 'It'\''s done'
  mv -f -T ../.TestVM.new ../TestVM
  rmdir key 2> /dev/null || unlink key
  rm -rf /tmp/old
  exec qemu-system-x86_64 \
    -nodefaults \
    -m 2G \
    -drive file=root.qcow2,if=none,id=root \
    -device virtio-blk-pci,drive=root \
    -append 'console=ttyS0 root=/dev/vda1' \
    disk.img
}
# In an interactive shell the plan runs in a subshell, so that it can be pasted.
case $- in *i*) (plan) ;; *) plan ;; esac
