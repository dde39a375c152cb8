import { editCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { toScript } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { writeOutput, writeRemark } from "../output.js";

export const define: CommandModule["define"] = definition(
  editCommand,
  (context) =>
    async (name: string, { dryRun }: DryRun) => {
      const { editConfig } = await import("../keep/operations.js");
      const host = ownHost(context);
      if (dryRun === true) {
        const about = "What is written is known only after it was written: the command itself checks it.";
        writeOutput(toScript([{ kind: "comment", text: about }, ...host.repeat()]));
        return;
      }
      const edited = await editConfig({ operation: "edit-config", vm: name }, host);
      writeRemark(edited === "changed" ? `${name} is changed, from its next run on` : "nothing was changed");
    },
);
