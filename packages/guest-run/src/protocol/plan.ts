import { monitor, type QemuOption } from "@vm/qemu-argv";
import type { OfferedShares } from "../share/host-share.js";
import type { CommandRequest } from "./request.js";

/** The streams between host and guest, each a chardev `vm-NAME` on a descriptor that QEMU inherits. */
export type Channel = "console" | "qmp" | "script" | "stderr" | "stdin" | "stdout" | "status" | "terminal";

/** A share of the host, or a disk. */
export type RootPlace = "9p" | "virtiofs" | "disk";

/** A guest made ready to run one command: what QEMU is started with, and what the guest's shell is told. */
export interface CommandPlan {
  /** QEMU's options, but accelerator and CPU model. */
  readonly options: readonly QemuOption[];
  /** The channels that the options name, in the order of their descriptors, from 3 on. */
  readonly channels: readonly Channel[];
  /** What the guest reads from its script port. */
  readonly script: Buffer;
  /** What QEMU's options share with the guest, some of it with daemons that run beside QEMU. */
  readonly shares: OfferedShares;
  /** Where the kernel finds its root: for what the console says when it does not. */
  readonly root: RootPlace;
  /**
   * How the guest ends after its answer: at once when it could write nothing that lasts (`nothing`); QEMU quits, to close
   * what it has open (`host-files`); the guest powers itself off, for its file systems' sake (`guest-disk`).
   */
  readonly writes: "nothing" | "host-files" | "guest-disk";
  /** QEMU's working directory. */
  readonly directory: string;
  /** An open descriptor for QEMU to hold. */
  readonly lockFd?: number;
}

/** The channels of a command with these streams. `status` is the last: see portBootstrap. */
export function commandChannels({ streams }: CommandRequest): Channel[] {
  if (streams.kind === "terminal") return ["console", "terminal", "script", "status"];
  const stdin: Channel[] = streams.stdin === "port" ? ["stdin"] : [];
  return ["console", ...stdin, "stdout", "stderr", "script", "status"];
}

/** The first descriptor of a channel in QEMU. */
export const FIRST_DESCRIPTOR = 3;

/** The chardevs of the channels. */
export function channelChardevs(channels: readonly Channel[]): QemuOption[] {
  return channels.map((channel, index) => channelChardev(channel, index));
}

function channelChardev(channel: Channel, index: number): QemuOption {
  const id = ["id", `vm-${channel}`] as const;
  const descriptor = String(FIRST_DESCRIPTOR + index);
  // A serial port writes byte by byte. A socket takes 10 us for each, which is 0.15 s of a start; a pipe 2 us.
  return channel === "console"
    ? { flag: "chardev", head: "file", props: [id, ["path", `/proc/self/fd/${descriptor}`]] }
    : { flag: "chardev", head: "socket", props: [id, ["fd", descriptor]] };
}

/** The same with a channel for QMP, behind all others. */
export function withQmp(plan: CommandPlan): CommandPlan {
  const { channels, options } = plan;
  const control = channelChardev("qmp", channels.length);
  return {
    ...plan,
    channels: [...channels, "qmp"],
    options: [...options, control, monitor({ chardev: "vm-qmp", mode: "control" })],
  };
}
