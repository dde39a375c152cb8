import type { Command } from "commander";

/** Adds the options by which a guest is looked at. */
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
