import type { CommandModule } from "./command-module.js";

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the command's own bundle: each run reads only the command that it uses. */
  load(this: void): CommandModule;
}

/** The subcommands, in the order of the help text. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "create",
    summary: "create a virtual machine with a blank disk",
    load: (): CommandModule => require("./create.cjs"),
  },
  {
    name: "run",
    summary: "run a virtual machine, with a kernel from this machine if you like",
    load: (): CommandModule => require("./run.cjs"),
  },
  {
    name: "install",
    summary: "install Arch Linux on a virtual machine, with nobody at the keyboard",
    load: (): CommandModule => require("./install.cjs"),
  },
  {
    name: "test",
    summary: "run commands on many kernels, each in a guest of its own, and report",
    load: (): CommandModule => require("./test.cjs"),
  },
  {
    name: "gdb",
    summary: "start gdb on a running virtual machine's kernel",
    load: (): CommandModule => require("./gdb.cjs"),
  },
  {
    name: "dump",
    summary: "write a running virtual machine's memory to a file, for crash and drgn",
    load: (): CommandModule => require("./dump.cjs"),
  },
  {
    name: "config",
    summary: "print a virtual machine's configuration as JSON",
    load: (): CommandModule => require("./config.cjs"),
  },
  {
    name: "list",
    summary: "list the virtual machines",
    load: (): CommandModule => require("./list.cjs"),
  },
  {
    name: "kernel",
    summary: "say what a kernel is: image, release, modules; unpack or build it",
    load: (): CommandModule => require("./kernel.cjs"),
  },
  {
    name: "modules",
    summary: "say what modules a kernel build has, and whether a guest can load them",
    load: (): CommandModule => require("./modules.cjs"),
  },
  {
    name: "kconfig",
    summary: "merge configuration fragments for a kernel, and say what one lacks",
    load: (): CommandModule => require("./kconfig.cjs"),
  },
  {
    name: "modules-package",
    summary: "write the package that makes a guest mount them",
    load: (): CommandModule => require("./modules-package.cjs"),
  },
];
