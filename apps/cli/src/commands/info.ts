import { infoCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { describeGuest, describeMachine, renderJson } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { print } from "../dry-run.js";
import { ownHost } from "../own-host.js";

interface InfoOptions extends DryRun {
  readonly json?: true;
}

export const define: CommandModule["define"] = definition(
  infoCommand,
  (context) =>
    async (name: string, { json, ...options }: InfoOptions) => {
      const vm = await describeGuest({ operation: "info", vm: name }, ownHost(context));
      print(json === true ? renderJson(vm) : describeMachine(vm), options);
    },
);
