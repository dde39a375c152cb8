import type { AcceleratorRequest, GdbEndpoint } from "@vm/guest-run";

/** What a guest runs on. */
export interface MachineSettings {
  /** Default: $VM_ACCEL of the host, else `auto`. */
  readonly accelerator?: AcceleratorRequest;
  /** QEMU: a program of PATH, or a path with a slash; default: `qemu-system-ARCH`. */
  readonly qemu?: string;
  /** Number of CPUs; default: the machine's own, in the embedded guest 1. */
  readonly cpus?: number;
  /** As QEMU writes it (`2G`; MiB without a suffix); default: the machine's own, in the embedded guest 1G. */
  readonly memory?: string;
  /** QEMU's own options, as words of its command line, behind all others. */
  readonly qemuOptions?: readonly string[];
  readonly debug?: DebugSettings;
}

/** How the guest can be looked at. */
export interface DebugSettings {
  /** A stub for gdb. */
  readonly gdb?: {
    /** Where it listens; default: a socket of the guest's own. */
    readonly endpoint?: GdbEndpoint;
    /**
     * `when-told`: the guest waits until gdb says continue. `at-failure`: it runs as without a stub, and stands still when it failed.
     * Default: `at-once`.
     */
    readonly start?: "at-failure" | "at-once" | "when-told";
  };
  /** The file for the guest's memory when the kernel panics. */
  readonly dump?: string;
  /** Trace events that are printed on the kernel's console: `sched:sched_switch`. */
  readonly trace?: readonly string[];
}
