import type { CommandDeclaration } from "../command-declaration.js";
import { gitGroup } from "../options/git-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const decodeCommand: CommandDeclaration = {
  arguments: [["[file]", "the log; - or nothing: standard input"]],
  usage: "[options] [file|-] -k <build>",
  options: [
    ["-k, --kernel <build>", "the kernel that ran: all that vm run -k takes"],
    [
      "--module <path>",
      "a module that is not of the kernel's tree: its .ko, or the directory of it (repeatable)",
      { repeatable: true },
    ],
    ["--full", "show registers and code bytes too"],
    ["--json", "print a JSON document"],
    dryRunOption,
  ],
  groups: [gitGroup],
  notes: `
Finds what the kernel complained of in a console log, or in what dmesg or journalctl -k printed, and says for each stack which lines of
the source it stands for. A piece of a stack alone will do. The log may come from another machine: the kernel must be the one that ran.
Lines come from the kernel's vmlinux and its modules' .ko, which need CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y (the fragment gdb).

Examples:
  vm decode console.log -k ~/linux
  dmesg | vm decode -k host
  vm decode oops.txt -k ~/linux --module ~/hello/hello.ko --json | jq '.reports[0].place'
`,
};
