import { architectureNamed, type ArchitectureFacts, type Firmware } from "@vm/qemu-argv";

/** What a person chose for a new VM, as QEMU writes it. */
export interface Machine {
  /** `-smp`: a positive integer. */
  readonly cpus: string;
  /** `-m`: `2G`. */
  readonly memory: string;
  /** What the disks are on. Default: `virtio`. */
  readonly bus?: "nvme" | "virtio";
  /** By any of its names; a PC's where it is absent, or one that qemu-argv does not know. */
  readonly arch?: string;
}

/**
 * The config module of a new VM: short, plain literals, made to be edited. No accelerator and no CPU model: they are chosen
 * at the moment of the run. A 64-bit PC's does not name its machine, as QEMU's own choice is one.
 */
export function renderConfigModule({
  name,
  machine,
  rootDisk,
  disks = [],
  seed,
  rootPartition = 1,
}: {
  readonly name: string;
  readonly machine: Machine;
  readonly rootDisk: string;
  /** The images of more disks. */
  readonly disks?: readonly string[];
  /** The image of a disk for the guest's first boot. */
  readonly seed?: string;
  /** From 1; 0: the whole disk is the root file system. */
  readonly rootPartition?: number;
}): string {
  const facts = architectureNamed(machine.arch ?? "x86_64") ?? architectureNamed("x86_64");
  if (facts === undefined) throw new TypeError("no PC in the table of architectures");
  const { virtioBus: bus, console } = facts;
  // A serial port that can be set to a speed.
  const speed = console.startsWith("ttyS") ? ",115200" : "";
  const { bus: diskBus = "virtio" } = machine;
  const root = diskBus === "nvme" ? "nvme0n1" : "vda";
  const partition = rootPartition === 0 ? "" : `${diskBus === "nvme" ? "p" : ""}${rootPartition}`;
  const devices = [`virtio-rng-${bus}`, ...facts.devices].map((device) => `  ["-device", "${device}"],\n`);
  return `// ${name}: what \`vm run\` passes to QEMU (man qemu-system-x86_64). Paths are relative to this directory.
${facts.name === "x86_64" ? "" : architecture(facts)}
export const qemuOptions = [
  ["-smp", "${machine.cpus}"],
  ["-m", "${machine.memory}"],

  // Nothing but what is named here.
  ["-nodefaults"],
  ["-display", "none"],
${facts.name === "x86_64" ? "" : board(facts)}
  // The serial console and QEMU's monitor share the terminal: Ctrl-A X quits, Ctrl-A C switches between them.
  // Inside tmux or screen, ["-echr", "0x14"] makes that Ctrl-T.
  ["-serial", "mon:stdio"],

  // The root disk, /dev/${root}.
${optionLines(diskOptions({ image: rootDisk, bus: diskBus }))}${moreDisks(disks, diskBus)}${seedDisk(seed)}
  // The network, in user mode. To reach the guest's ssh at port 2222 of this host, append
  // ",hostfwd=tcp:127.0.0.1:2222-:22".
  ["-nic", "user,model=virtio-net-${bus}"],

  // ${facts.devices.includes("vmcoreinfo") ? "Random numbers, a watchdog, and the notes that make a memory dump readable in crash and drgn." : "Random numbers, and a watchdog."}
${devices.join("")}];

// The kernel command line of \`vm run -k\`; \`-a\` adds to it.
export const kernelCmdline = ["root=/dev/${root}${partition}", "rw", "console=${console}${speed}"];
`;
}

/** The options of QEMU for a disk of a VM, whose image stands in its directory. */
export function diskOptions({
  image,
  bus,
}: {
  readonly image: string;
  readonly bus: "nvme" | "virtio";
}): (readonly [string, string])[] {
  if (bus === "virtio") return [["-drive", `if=virtio,format=qcow2,file=${image}`]];
  // QEMU's NVMe wants a serial number.
  const id = image.replace(/\.\w+$/, "");
  return [
    ["-drive", `if=none,id=${id},format=qcow2,file=${image}`],
    ["-device", `nvme,drive=${id},serial=${id}`],
  ];
}

function optionLines(options: readonly (readonly [string, string])[]): string {
  return options.map(([flag, value]) => `  ["${flag}", "${value}"],\n`).join("");
}

function moreDisks(images: readonly string[], bus: "nvme" | "virtio"): string {
  if (images.length === 0) return "";
  return `\n  // More disks.\n${images.map((image) => optionLines(diskOptions({ image, bus }))).join("")}`;
}

function seedDisk(image: string | undefined): string {
  if (image === undefined) return "";
  return `\n  // What cloud-init does at the first boot (NoCloud): user, ssh keys, host name.\n  ["-drive", "if=virtio,format=raw,readonly=on,file=${image}"],\n`;
}

function architecture({ name }: ArchitectureFacts): string {
  return `\nexport const arch = "${name}";\n`;
}

function board({ machine, firmware }: ArchitectureFacts): string {
  const { type, props } = machine;
  const value = [type, ...props.map(([key, setting]) => `${key}=${setting}`)].join(",");
  const hint = firmware === "built-in" ? "" : firmwareHint(firmware);
  return `\n  // The machine.${hint}\n  ["-machine", "${value}"],\n`;
}

function firmwareHint({ flag, file, debian }: Firmware): string {
  return ` It has no firmware to start a boot loader on the disk: for that, install Debian's ${debian}, and add
  // ["-${flag}", "${file}"].`;
}
