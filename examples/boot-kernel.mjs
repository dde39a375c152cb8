// @ts-check
// Takes a QEMU command line that works, and prints the one that boots another kernel with it, in the same terminal:
//   node boot-kernel.mjs KERNEL -- qemu-system-x86_64 -m 1G -drive file=a,,b.qcow2,if=virtio ...
import { resolve } from "node:path";
import * as qemu from "@vm/qemu-argv";

const [image, dashes, program, ...argv] = process.argv.slice(2);
if (image === undefined || dashes !== "--" || program === undefined) {
  process.stderr.write("usage: boot-kernel.mjs KERNEL -- QEMU OPTIONS\n");
  process.exit(2);
}

let options = qemu.parseArgv(argv, { unknownFlags: "reject" });

// The parameters that are there stay, quotes and all; after a panic QEMU ends, in place of a boot loop.
const append = qemu.findOption(options, { flag: "append" });
const parameters = qemu.parseKernelCmdline(append !== undefined && "value" in append ? append.value : "");
const cmdline = qemu.renderKernelCmdline([...parameters, "console=ttyS0", "panic=-1"]);
qemu.checkKernelCmdlineLength(cmdline, { arch: "x86_64" });

options = qemu.replaceOption(options, { flag: "kernel" }, qemu.kernel(resolve(image)));
options = qemu.replaceOption(options, { flag: "append" }, qemu.append(cmdline));
// The disk keeps what it has: all that the guest writes is forgotten.
if (!qemu.hasOption(options, { flag: "snapshot" }))
  options = qemu.appendOptions(options, qemu.switchOption("snapshot"));
if (!qemu.hasOption(options, { flag: "no-reboot" }))
  options = qemu.appendOptions(options, qemu.switchOption("no-reboot"));

// A word a line: there may be blanks in one, and no shell has to read it. mapfile -t argv < <(node boot-kernel.mjs ...)
process.stdout.write([program, ...qemu.renderArgv(options), ""].join("\n"));
