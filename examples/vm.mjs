// A configuration that computes: `vm run` imports it, so it may use all of Node. Copy it into a VM's directory.
import { existsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

const here = new URL(".", import.meta.url);
const memoryMiB = Math.min(4096, Math.floor(totalmem() / 1024 ** 2 / 2));
const sshPort = process.env.SSH_PORT ?? "2222";

// A second disk where there is one beside this file: qemu-img create -f qcow2 scratch.qcow2 8G
const scratch = existsSync(new URL("scratch.qcow2", here))
  ? [
      {
        flag: "drive",
        props: [
          ["if", "virtio"],
          ["format", "qcow2"],
          ["file", "scratch.qcow2"],
        ],
      },
    ]
  : [];

export const qemuOptions = [
  ["-smp", String(Math.min(4, availableParallelism()))],
  ["-m", `${memoryMiB}M`],
  ["-nodefaults"],
  ["-display", "none"],
  ["-serial", "mon:stdio"],
  ["-drive", "if=virtio,format=qcow2,file=root.qcow2"],
  ...scratch,
  // ssh -p 2222 root@127.0.0.1
  ["-nic", `user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:${sshPort}-:22`],
  ["-device", "virtio-rng-pci"],
];

export const kernelCmdline = ["root=/dev/vda1", "rw", "console=ttyS0,115200"];
