import type { QemuOption } from "@vm/qemu-argv";

/** The streams between host and guest, each a chardev `vm-NAME` on a descriptor that QEMU inherits. */
export type Channel = "console" | "script" | "stderr" | "stdin" | "stdout" | "status" | "terminal";

/** A guest made ready to run one command: what QEMU is started with, and what the guest's shell is told. */
export interface CommandPlan {
  /** QEMU's options, but accelerator and CPU model. */
  readonly options: readonly QemuOption[];
  /** The channels that the options name, in the order of their descriptors, from 3 on. */
  readonly channels: readonly Channel[];
  /** What the guest reads from its script port. */
  readonly script: Buffer;
  /** Where the kernel finds its root: for what the console says when it does not. */
  readonly root: "share" | "disk";
  /** Whether the guest can write to something of the host's that QEMU must close in good order. */
  readonly writes: "nothing" | "host-files";
}

/** The first descriptor of a channel in QEMU. */
export const FIRST_DESCRIPTOR = 3;

/** The chardevs of the channels. */
export function channelChardevs(channels: readonly Channel[]): QemuOption[] {
  return channels.map((channel, index) => ({
    flag: "chardev",
    head: "socket",
    props: [
      ["id", `vm-${channel}`],
      ["fd", String(FIRST_DESCRIPTOR + index)],
    ],
  }));
}
