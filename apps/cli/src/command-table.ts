import type { CommandModule } from "./command-module.js";

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the command's own bundle: each run reads only the command that it uses. */
  load(): CommandModule;
}

/** The subcommands, in the order of the help text. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "create",
    summary: "create a virtual machine with a blank disk",
    load: () => require("./create.cjs") as CommandModule,
  },
  {
    name: "run",
    summary: "run a virtual machine, with a kernel from this machine if you like",
    load: () => require("./run.cjs") as CommandModule,
  },
  {
    name: "config",
    summary: "print a virtual machine's configuration as JSON",
    load: () => require("./config.cjs") as CommandModule,
  },
  {
    name: "list",
    summary: "list the virtual machines",
    load: () => require("./list.cjs") as CommandModule,
  },
  {
    name: "modules",
    summary: "say what modules a kernel build has, and whether a guest can load them",
    load: () => require("./modules.cjs") as CommandModule,
  },
  {
    name: "modules-package",
    summary: "write the package that makes a guest mount them",
    load: () => require("./modules-package.cjs") as CommandModule,
  },
];
