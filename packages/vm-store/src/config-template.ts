/** What a person chose for a new VM, as QEMU writes it. */
export interface Machine {
  /** `-smp`: a positive integer. */
  readonly cpus: string;
  /** `-m`: `2G`. */
  readonly memory: string;
}

/**
 * The config module of a new VM: short, plain literals, made to be edited. No accelerator and no CPU model: they are chosen
 * at the moment of the run.
 */
export function renderConfigModule({
  name,
  machine,
  rootDisk,
}: {
  readonly name: string;
  readonly machine: Machine;
  readonly rootDisk: string;
}): string {
  return `// ${name}: what \`vm run\` passes to QEMU (man qemu-system-x86_64). Paths are relative to this directory.

export const qemuOptions = [
  ["-smp", "${machine.cpus}"],
  ["-m", "${machine.memory}"],

  // Nothing but what is named here.
  ["-nodefaults"],
  ["-display", "none"],

  // The serial console and QEMU's monitor share the terminal: Ctrl-A X quits, Ctrl-A C switches between them.
  // Inside tmux or screen, ["-echr", "0x14"] makes that Ctrl-T.
  ["-serial", "mon:stdio"],

  // The root disk, /dev/vda.
  ["-drive", "if=virtio,format=qcow2,file=${rootDisk}"],

  // The network, in user mode. To reach the guest's ssh at port 2222 of this host, append
  // ",hostfwd=tcp:127.0.0.1:2222-:22".
  ["-nic", "user,model=virtio-net-pci"],

  // Random numbers, a watchdog, and the notes that make a memory dump readable in crash and drgn.
  ["-device", "virtio-rng-pci"],
  ["-device", "i6300esb"],
  ["-device", "vmcoreinfo"],
];

// The kernel command line of \`vm run -k\`; \`-a\` adds to it.
export const kernelCmdline = ["root=/dev/vda1", "rw", "console=ttyS0,115200"];
`;
}
