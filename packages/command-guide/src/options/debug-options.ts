import type { OptionGroup } from "../command-declaration.js";

/** By what a guest is looked at. */
export const debugGroup: OptionGroup = {
  heading: "Crash and debug:",
  options: [
    [
      "--gdb [where]",
      "open a gdb stub and print the gdb command: on a port of 127.0.0.1, or a socket (a path with a slash; default: a private socket)",
    ],
    ["--gdb-wait", "the same, and the guest waits until gdb continues it"],
    [
      "--dump <file>",
      "write the guest's memory there when the kernel panics, for crash and drgn (FILE.kdump: compressed, for crash)",
    ],
    ["--trace <events>", "print these events on the kernel's console: sched:sched_switch,irq:*"],
  ],
};
