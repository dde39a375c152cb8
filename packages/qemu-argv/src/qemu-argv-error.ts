/** What went wrong, for programs. The message and `hint` are for people. */
export type QemuArgvErrorCode =
  /** A flag that takes an argument stands last on the command line. */
  | "QEMU_ARGUMENT_MISSING"
  /** A flag that is not in the table, where the caller asked to reject such flags. */
  | "QEMU_FLAG_UNKNOWN"
  /** Data that no QEMU command line can express. */
  | "QEMU_OPTION_UNWRITABLE"
  /** A constructor was given a value that QEMU (or Linux) would refuse. */
  | "QEMU_VALUE_INVALID"
  /** A kernel parameter that the kernel's parser cannot read back. */
  | "KERNEL_CMDLINE_INVALID"
  /** A kernel command line over the architecture's limit: the kernel would cut it. */
  | "KERNEL_CMDLINE_TOO_LONG";

/** Thrown by every function of this package that throws at all. */
export interface QemuArgvError extends Error {
  readonly code: QemuArgvErrorCode;
  /** The next step, as one sentence; absent where there is nothing useful to say. */
  readonly hint?: string;
}

/** Makes the error; `message` says what failed, on what, and what was expected. */
export function qemuArgvError(code: QemuArgvErrorCode, message: string, hint?: string): QemuArgvError {
  return Object.assign(new Error(message), { code }, hint === undefined ? {} : { hint });
}
