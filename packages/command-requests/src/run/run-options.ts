import type { DryRun } from "../caller.js";

/** How `-k git:REVISION` is built. */
export interface GitKernelOptions {
  readonly jobs?: string;
  readonly fragments?: string;
  readonly base?: string;
  readonly arch?: string;
}

/** How a guest can be looked at. */
export interface DebugOptions {
  readonly gdb?: string | true;
  readonly gdbWait?: true;
  readonly dump?: string;
  readonly trace?: string;
}

/** The options of `vm run`: their texts. */
export interface RunOptions
  extends DryRun, CommandOptions, EmbeddedOptions, GuestNameOption, DebugOptions, GitKernelOptions {
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: readonly string[];
  readonly accel?: string;
  /** For an initramfs, where one is needed. */
  readonly busybox?: string;
  readonly qemu?: string;
  /** Ways, and directories. */
  readonly share?: readonly string[];
  readonly ephemeral?: true;
}

/** What belongs to a command in the guest. */
export interface CommandOptions {
  readonly exec?: string;
  readonly env?: readonly string[];
  /** When the command has ended. */
  readonly shell?: true;
  readonly tty?: true;
  /** False with `--no-stdin`. */
  readonly stdin?: boolean;
  readonly timeout?: string;
  readonly bootTimeout?: string;
  readonly failOn?: string;
  readonly bisect?: true;
  readonly console?: string;
  readonly full?: true;
  readonly report?: string;
  readonly junit?: string;
  readonly onFail?: string;
}

/** What belongs to the embedded guest. */
export interface EmbeddedOptions {
  readonly root?: string;
  readonly rw?: readonly string[];
  readonly ro?: readonly string[];
  readonly expose?: readonly string[];
  readonly user?: true;
  readonly systemd?: true;
  readonly cpus?: string;
  readonly memory?: string;
  readonly network?: string;
}

/** What is said of one embedded guest, not of many. */
export interface GuestNameOption {
  readonly name?: string;
}
