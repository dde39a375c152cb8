import { createCommand } from "@vm/command-guide";
import { createRequest, type CreateOptions } from "@vm/command-requests";
import { createMachine, creationScript } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { carryOutImport } from "../keep/import.js";
import { writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  createCommand,
  (context) => async (name: string, options: CreateOptions) => {
    const request = createRequest(name, options);
    if (request.operation === "import-vm") {
      await carryOutImport(request, options, context);
      return;
    }
    const host = ownHost(context);
    await carryOut(
      options,
      () => creationScript(request, host),
      async () => writeRemark(`created ${await createMachine(request, host)}`),
    );
  },
);
