import { exportCommand } from "@vm/command-guide";
import { plainText } from "@vm/command-plan";
import { exportRequest, type ExportOptions } from "@vm/command-requests";
import { exportScript, exportVm } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  exportCommand,
  (context) => async (vm: string, options: ExportOptions) => {
    const request = exportRequest(vm, options);
    const host = ownHost(context);
    await carryOut(
      options,
      () => exportScript(request, host),
      async () => writeOutput(plainText(await exportVm(request, host))),
    );
  },
);
