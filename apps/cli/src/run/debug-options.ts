import type { Command } from "commander";

/** How a guest can be looked at. */
export interface DebugOptions {
  readonly gdb?: string | true;
  readonly gdbWait?: true;
  readonly dump?: string;
  readonly trace?: string;
}

/** Adds them to a command. */
export function addDebugOptions(command: Command): Command {
  return command
    .optionsGroup("Crash and debug:")
    .option(
      "--gdb [where]",
      "open a gdb stub and print the gdb command: on a port of 127.0.0.1, or a socket (a path with a slash; default: a private socket)",
    )
    .option("--gdb-wait", "the same, and the guest waits until gdb continues it")
    .option(
      "--dump <file>",
      "write the guest's memory there when the kernel panics, for crash and drgn (FILE.kdump: compressed, for crash)",
    )
    .option("--trace <events>", "print these events on the kernel's console: sched:sched_switch,irq:*");
}
