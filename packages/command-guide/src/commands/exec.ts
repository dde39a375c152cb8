import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const execCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the guest"]],
  usage: "[options] <name> <program> [arguments...]",
  options: [
    ["-t, --tty", "give the command a terminal"],
    ["--no-stdin", "give the command no input, for loops that read standard input themselves (as ssh -n)"],
    dryRunOption,
  ],
  notes: `
Any number of commands at once, in a virtual machine or an embedded guest that runs; no network is needed. The options stand before the guest's
name. What is behind it is one program and its arguments, each exactly as it is: no shell reads them.

Examples:
  vm exec TestVM uname -r
  vm exec TestVM sh -c 'dmesg | tail'
  tar c . | vm exec TestVM tar x -C /tmp
  vm exec -t TestVM top
`,
};
