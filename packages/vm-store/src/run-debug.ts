/** How the guest of a run can be looked at from outside. It stands in the lock, and holds only while that does. Paths are absolute. */
export interface RunDebug {
  /** Where QEMU's gdb stub listens: a Unix socket, or a TCP port of 127.0.0.1. */
  readonly gdb?:
    | { readonly kind: "socket"; readonly path: string }
    | { readonly kind: "port"; readonly port: number };
  /** QEMU's socket for QMP. */
  readonly qmp?: string;
  /** QEMU's name of the architecture. */
  readonly arch: string;
  /** The kernel of the run with its symbols, and the scripts for gdb beside it, where they were found. */
  readonly vmlinux?: string;
  readonly scripts?: string;
}
