import { sshConfigCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { sshConfig } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

export const define: CommandModule["define"] = definition(
  sshConfigCommand,
  (context) =>
    (names: readonly string[], { dryRun }: DryRun) => {
      if (dryRun === true) writeOutput(repeatingScript(["ssh-config", ...names]));
      else writeOutput(sshConfig({ operation: "ssh-config", guests: names }, ownHost(context)));
    },
);
