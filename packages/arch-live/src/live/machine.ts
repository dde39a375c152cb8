import { sandboxOptions } from "@vm/guest-run";
import {
  append,
  chardev,
  checkKernelCmdlineLength,
  device,
  display,
  drive,
  initrd,
  kernel,
  machine,
  memory,
  netdevUser,
  parseMemoryMiB,
  renderArgv,
  serial,
  smp,
  switchOption,
  virtioSerialBus,
  virtioSerialPort,
  type QemuOption,
} from "@vm/qemu-argv";
import { PORTS } from "./ports.js";

/** The files of an installation. All paths are absolute. */
export interface LiveFiles {
  /** The disk image that is installed on: the guest's /dev/vda. */
  readonly disk: string;
  readonly iso: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** The directory that QEMU serves by TFTP, with `setup.sh` in it. */
  readonly tftp: string;
  /** What the guest says on the ports of these names. */
  readonly status: string;
  readonly log: string;
  /** What it prints on its serial console. */
  readonly console: string;
}

export interface LiveMachine {
  /** QEMU's absolute path. */
  readonly qemu: string;
  readonly acceleratorOptions: readonly QemuOption[];
  readonly cpus: string;
  /** As QEMU writes it; the live system gets two gigabytes at least. */
  readonly memory: string;
  readonly files: LiveFiles;
  /** From the image's own boot loader. */
  readonly parameters: string;
  /** Whether there is a port for a shell: a socket `shell` in QEMU's working directory. */
  readonly shell: "socket" | "none";
}

export const SETUP_FILE = "setup.sh";
export const SHELL_SOCKET = "shell";

const LEAST_MEMORY_MIB = 2048;

/**
 * QEMU and its arguments, for the live system on its way to an installation.
 * @throws KERNEL_CMDLINE_TOO_LONG, QEMU_VALUE_INVALID
 */
export function liveArgv(live: LiveMachine): [string, ...string[]] {
  const { qemu, acceleratorOptions, cpus, files } = live;
  const size = parseMemoryMiB(live.memory) < LEAST_MEMORY_MIB ? `${LEAST_MEMORY_MIB}M` : live.memory;
  const options: QemuOption[] = [
    ...acceleratorOptions,
    switchOption("nodefaults"),
    switchOption("no-user-config"),
    switchOption("no-reboot"),
    display("none"),
    machine("q35"),
    memory(size),
    smp(Number(cpus)),
    kernel(files.kernel),
    initrd(files.initramfs),
    append(kernelCmdline(live.parameters)),
    installDisk(files.disk),
    drive({ file: files.iso, format: "raw", interface: "virtio", access: "read-only" }),
    netdevUser({ id: "vm-net", props: [["tftp", files.tftp]] }),
    device("virtio-net-pci", [
      ["netdev", "vm-net"],
      ["romfile", ""],
    ]),
    device("virtio-rng-pci"),
    chardev({ backend: "file", id: "vm-console", path: files.console }),
    serial({ chardev: "vm-console" }),
    virtioSerialBus("vm-ports"),
    chardev({ backend: "file", id: "vm-status", path: files.status }),
    virtioSerialPort({ chardev: "vm-status", name: PORTS.status }),
    chardev({ backend: "file", id: "vm-log", path: files.log }),
    virtioSerialPort({ chardev: "vm-log", name: PORTS.log }),
    ...(live.shell === "none"
      ? []
      : [
          chardev({ backend: "socket", id: "vm-shell", path: SHELL_SOCKET, role: "server", wait: "off" }),
          virtioSerialPort({ chardev: "vm-shell", name: PORTS.shell }),
        ]),
  ];
  return [qemu, ...renderArgv([...sandboxOptions(qemu, options), ...options])];
}

/**
 * The disk that is installed on. The image is thrown away when anything goes wrong, the host's own end included: no write
 * has to wait for the host's disk. When that is full QEMU stops the guest (`werror=enospc`, its default): a guest that got
 * errors instead might not notice that what it wrote is lost.
 */
export function installDisk(file: string): QemuOption {
  return drive({ file, format: "qcow2", interface: "virtio", props: [["cache", "unsafe"]] });
}

/**
 * `script=` is archiso's (its docs and configs/releng/airootfs/root/.automated_script.sh): root's login shell on tty1 waits
 * for the network, fetches it with curl and runs it. `copytoram=n` is mkinitcpio-archiso's: the image is not read twice.
 */
function kernelCmdline(parameters: string): string {
  const own = [
    "copytoram=n",
    "console=ttyS0,115200",
    "panic=-1",
    // On a busy host an emulated timer can be too late for the kernel's test of it, which panics then.
    "no_timer_check",
    `script=tftp://10.0.2.2/${SETUP_FILE}`,
  ];
  const text = [parameters, ...own].join(" ");
  checkKernelCmdlineLength(text, { arch: "x86_64" });
  return text;
}
