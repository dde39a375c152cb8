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
