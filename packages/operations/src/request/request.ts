import type { InstallArguments } from "@vm/arch-installer";
import type { AcceleratorRequest, ComplaintKind, GdbEndpoint, GuestNetwork, Share } from "@vm/guest-run";
import type { Feature, ShareRequest } from "@vm/kernel-build";

/*
 * What somebody wants of vm, as plain data: it survives JSON.parse(JSON.stringify(request)). A path may be relative; it is then
 * relative to `cwd` of the host that carries the request out. Whether a file is there is asked then, too. A field that is absent has
 * the default that its comment names.
 */

/** Any of them; `operation` says which. `readRequest` makes one of JSON. */
export type Request =
  | RunVmRequest
  | RunCommandRequest
  | TestRequest
  | InstallRequest
  | KernelRequest
  | FetchKernelRequest
  | ModulesRequest
  | GdbRequest
  | DumpRequest
  | MergeConfigRequest
  | CheckConfigRequest;

/** A virtual machine on this terminal, with its own disk and configuration: `vm run NAME`. */
export interface RunVmRequest extends MachineSettings {
  readonly operation: "run-vm";
  /** The machine's name. */
  readonly vm: string;
  /** The kernel of the host that it boots; absent: its own boot loader starts what is on its disk. */
  readonly kernel?: BootedKernel;
  /** Default: `kept`. */
  readonly disks?: DiskWrites;
}

/** A command, or a shell, in a guest that is there for nothing else: `vm run -k BUILD --exec COMMAND`. */
export interface RunCommandRequest extends MachineSettings {
  readonly operation: "run-command";
  readonly kernel: BootedKernel;
  /** Default: the embedded guest, with nothing set. */
  readonly guest?: VmGuest | EmbeddedGuestSettings;
  /** By what an embedded guest is found while it runs (`vm exec`); default: for a shell `guest-1`, `guest-2`..., for a command nothing. */
  readonly name?: string;
  readonly command?: CommandSettings;
}

/** Commands on kernels, each pair in an embedded guest of its own: `vm test`. */
export interface TestRequest extends Omit<MachineSettings, "debug" | "qemuOptions"> {
  readonly operation: "test";
  /** What `-k` takes, each. At least one. */
  readonly kernels: readonly string[];
  /** What all of them boot with. */
  readonly boot?: Omit<BootedKernel, "name" | "initrd">;
  /** In this order. None: the test is that the kernel boots. */
  readonly tests?: readonly (TextTest | FileTest | KunitTest)[];
  readonly guest?: Omit<EmbeddedGuestSettings, "init">;
  readonly command?: Pick<CommandSettings, "bootTimeoutMs" | "failOn" | "timeoutMs">;
  /** `ktap`: a test whose output has no results in KTAP or TAP fails. Default: they are read where a version line is. */
  readonly results?: "ktap";
  /** The most guests at once; default: by CPUs and free memory. */
  readonly jobs?: number;
  /** `stop`: the first test that does not pass ends the run. Default: `go-on`. */
  readonly onFailure?: "go-on" | "stop";
}

/** A command for the guest's sh. */
export interface TextTest {
  readonly command: string;
}

/** A file with commands for the guest's sh; a `#!` line that names another interpreter is honoured. */
export interface FileTest {
  readonly file: string;
}

/** The kernel's own unit tests, those built in and those in its modules. */
export interface KunitTest {
  /** Which suites and tests, as `kunit.filter_glob` takes them: `list*`, `list_sort.list_sort_test`, `*`. */
  readonly kunit: string;
}

/** What a kernel is: `vm kernel`. */
export interface KernelRequest {
  readonly operation: "kernel";
  /** What `-k` takes. */
  readonly kernel: string;
  readonly build?: RevisionBuild;
}

/** A released kernel from a mirror of Debian, into the cache: `vm kernel --fetch`. */
export interface FetchKernelRequest {
  readonly operation: "fetch-kernel";
  /** `debian:SUITE` or a version. */
  readonly release: string;
  /** By any of its names; default: the host's. */
  readonly arch?: string;
  /** `cloud`, `rt`...; default: the usual kernel. */
  readonly flavour?: string;
  /** Default: the Debian mirror of the host's apt. */
  readonly mirror?: string;
  /** A file with the keys that may have signed; default: Debian's. */
  readonly keyring?: string;
}

/** What modules a kernel has, and an index of them for guests: `vm modules`. */
export interface ModulesRequest {
  readonly operation: "modules";
  /** What `-k` takes. */
  readonly kernel: string;
}

/** gdb on the guest of a machine that runs: `vm gdb`. */
export interface GdbRequest {
  readonly operation: "gdb";
  readonly vm: string;
  /** The kernel with its symbols; default: that of the run's kernel. */
  readonly vmlinux?: string;
  /** gdb's own. */
  readonly arguments?: readonly string[];
}

/** The memory of a machine that runs, written to a file: `vm dump`. */
export interface DumpRequest {
  readonly operation: "dump";
  readonly vm: string;
  readonly file: string;
}

/** Fragments merged into a kernel's configuration: `vm kconfig merge`. */
export interface MergeConfigRequest {
  readonly operation: "merge-config";
  /** Files, or names of those that come with vm. At least one. */
  readonly fragments: readonly string[];
  /** The kernel's source, or a directory made from it with O=. */
  readonly tree: string;
  /** make's O=; default: $KBUILD_OUTPUT. */
  readonly buildDirectory?: string;
  /** Where the configuration goes, instead of the tree's .config. */
  readonly output?: string;
  /** A file or a target of make to start from; default: .config, else defconfig. */
  readonly base?: string;
  /** make's ARCH=; default: that of the base. */
  readonly arch?: string;
}

/** What a kernel's configuration lacks: `vm kconfig check`. */
export interface CheckConfigRequest {
  readonly operation: "check-config";
  /** What `-k` takes, or a configuration. */
  readonly kernel: string;
  readonly build?: Omit<RevisionBuild, "jobs">;
  /** Fragments whose options are asked for as well. */
  readonly fragments?: readonly string[];
  /** The features to report on, all of them needed; default: all are reported, and the usual ones needed. */
  readonly features?: readonly Feature[];
  /** What a module is where a fragment builds in, or the other way round; default: `enough`. */
  readonly otherForm?: "enough" | "lost";
  /** The kernel's source, for the reasons why an option is not set; default: that of the build. */
  readonly source?: string;
}

/** Arch Linux on a virtual machine: `vm install`. */
export interface InstallRequest {
  readonly operation: "install";
  /** The machine's name; it is made where there is none. */
  readonly vm: string;
  readonly cpus?: number;
  /** As QEMU writes it: `2G`. */
  readonly memory?: string;
  /** The size of its disk, as qemu-img writes it. */
  readonly diskSize?: string;
  readonly accelerator?: AcceleratorRequest;
  /** What the installation runs on; default: the newest image of Arch Linux's live system. */
  readonly from?: InstallFromIso | InstallFromHost;
  /** The mirror for the image, and for the packages. */
  readonly mirror?: string;
  /** What is installed, as `arch-install` has it. */
  readonly installation?: InstallArguments;
  /** Give up when the guest is not done after that time; default: never. */
  readonly timeoutMs?: number;
  /** Give up when nothing was heard of it for that time; default: 15 minutes. */
  readonly silenceMs?: number;
  /** What becomes of what there is of it when it fails; `shell` needs a terminal. Default: `remove`. */
  readonly afterFailure?: readonly ("keep" | "shell")[];
  /** Where its output goes; default: in the cache. */
  readonly log?: string;
}

/** Arch Linux's live system. */
export interface InstallFromIso {
  readonly kind: "iso";
  /** An image that is there. Absent: the newest one is downloaded. */
  readonly file?: string;
  /** Keys that may have signed the one that is downloaded; default: Arch Linux's. */
  readonly keyring?: string;
}

/** The host's own pacstrap, in an embedded guest. */
export interface InstallFromHost {
  readonly kind: "host";
  /** What `-k` takes. */
  readonly kernel: string;
  /** Default: Arch Linux's repositories. */
  readonly pacmanConfiguration?: string;
}

/** What a guest runs on. */
export interface MachineSettings {
  /** Default: $VM_ACCEL of the host, else `auto`. */
  readonly accelerator?: AcceleratorRequest;
  /** Number of CPUs; default: the machine's own, in the embedded guest 1. */
  readonly cpus?: number;
  /** As QEMU writes it (`2G`; MiB without a suffix); default: the machine's own, in the embedded guest 1G. */
  readonly memory?: string;
  /** QEMU's own options, as words of its command line, behind all others. */
  readonly qemuOptions?: readonly string[];
  readonly debug?: DebugSettings;
}

/** A kernel of the host, and how it is booted. */
export interface BootedKernel {
  /** What `-k` takes: a build tree, an image, a package, an installed release, git:REVISION. */
  readonly name: string;
  /** How git:REVISION is built; for nothing else. */
  readonly build?: RevisionBuild;
  /** An initial ram disk; default: one is made where the kernel's drivers are modules. */
  readonly initrd?: string;
  /** More kernel parameters; each string may hold several. */
  readonly parameters?: readonly string[];
  /** A static busybox of the kernel's architecture, for an initramfs that is made. */
  readonly busybox?: string;
  /** How the guest gets files of the host; default: `auto`, by what the kernel has. */
  readonly share?: ShareRequest;
}

/** How git:REVISION is configured and compiled. */
export interface RevisionBuild {
  /** Compilers at once; default: one for each CPU. */
  readonly jobs?: number;
  /** Fragments of the configuration; default: `qemu` and `small`. */
  readonly fragments?: readonly string[];
  /** What they are added to: a target of make, or a file; default: defconfig. */
  readonly base?: string;
  /** By any of its names; default: that of the machine it is for, $ARCH of the host, or the host's. */
  readonly arch?: string;
}

/** `ephemeral`: nothing that a guest writes to its disks survives the run, and several runs of one machine at once are fine. */
export type DiskWrites = "ephemeral" | "kept";

/** A virtual machine that has a name. */
export interface VmGuest {
  readonly kind: "vm";
  readonly name: string;
  /** Default: `kept`. */
  readonly disks?: DiskWrites;
}

/** The guest with nothing installed, on a root of the host that it can read and not change. */
export interface EmbeddedGuestSettings {
  readonly kind: "embedded";
  /** Default: `/`. */
  readonly root?: string;
  /** Directories of the host that it sees at the same path. */
  readonly shares?: readonly Share[];
  /** Places of the host that are not hidden from it. */
  readonly expose?: readonly string[];
  /** Whom the command runs as; default: `root`. */
  readonly user?: "caller" | "root";
  /** `systemd`: the root's systemd first, and the command when basic.target is reached. Default: `script`. */
  readonly init?: "script" | "systemd";
  /** Default: `network` of the host's config.json, else `none`. */
  readonly network?: GuestNetwork;
}

/** A command in the guest, and when the run is ended before it is done. */
export interface CommandSettings {
  /** For the guest's sh. Absent: a shell, on a terminal. */
  readonly text?: string;
  /** `terminal`: it gets one. `none`: it reads nothing. Default: `pipe`; for a shell `terminal`. */
  readonly input?: "none" | "pipe" | "terminal";
  /** End the run after that time, in milliseconds; default: never. */
  readonly timeoutMs?: number;
  /**
   * End the run when the command has not begun by then, in milliseconds. `usual`: 300 s, emulated 900 s (docs/exit-codes.md). Default:
   * `usual`; for a shell, and with gdb, `none`.
   */
  readonly bootTimeoutMs?: number | "none" | "usual";
  /** Complaints of the kernel that are failures, besides panics and oopses. */
  readonly failOn?: readonly ComplaintKind[];
}

/** How the guest can be looked at. */
export interface DebugSettings {
  /** A stub for gdb. */
  readonly gdb?: {
    /** Where it listens; default: a socket of the guest's own. */
    readonly endpoint?: GdbEndpoint;
    /** `when-told`: the guest waits until gdb says continue. Default: `at-once`. */
    readonly start?: "at-once" | "when-told";
  };
  /** The file for the guest's memory when the kernel panics. */
  readonly dump?: string;
  /** Trace events that are printed on the kernel's console: `sched:sched_switch`. */
  readonly trace?: readonly string[];
}
