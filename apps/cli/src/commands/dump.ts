import type { DryRun } from "@vm/command-requests";
import { dumpRunning, dumpScript, type DumpRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

const examples = `
The virtual machine was started with --dump or --gdb. Its guest stands still while its memory is written, and goes on then.
The file is an ELF core, for crash and drgn; one whose name ends in .kdump is compressed, and for crash alone:

  vm dump TestVM /tmp/core
  crash ~/linux/vmlinux /tmp/core
  drgn -c /tmp/core -s ~/linux/vmlinux
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .argument("<file>", "where its memory goes")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, file: string, { dryRun }: DryRun) => {
      const request: DumpRequest = { operation: "dump", vm: name, file };
      const host = ownHost(context);
      if (dryRun === true) {
        writeOutput(dumpScript(request, host));
        return;
      }
      const dumped = await dumpRunning(request, host);
      writeRemark(`the memory of ${name} is in ${dumped.file}`);
    });
}
