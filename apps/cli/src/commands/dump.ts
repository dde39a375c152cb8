import { dumpCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { dumpRunning, dumpScript, type DumpRequest } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  dumpCommand,
  (context) =>
    async (name: string, file: string, { dryRun }: DryRun) => {
      const request: DumpRequest = { operation: "dump", vm: name, file };
      const host = ownHost(context);
      if (dryRun === true) {
        writeOutput(dumpScript(request, host));
        return;
      }
      const dumped = await dumpRunning(request, host);
      writeRemark(`the memory of ${name} is in ${dumped.file}`);
    },
);
