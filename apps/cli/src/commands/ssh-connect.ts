import { sshConnectCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { sshConnection } from "@vm/operations";
import { runInTerminal } from "@vm/terminal";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

export const define: CommandModule["define"] = definition(
  sshConnectCommand,
  (context) =>
    async (name: string, { dryRun }: DryRun) => {
      if (dryRun === true) {
        writeOutput(repeatingScript(["ssh-connect", name]));
        return;
      }
      const { argv, env } = await sshConnection(name, ownHost(context));
      context.setExitCode(await runInTerminal(argv, { cwd: context.cwd, env }));
    },
);
