import type { DryRun } from "@vm/command-requests";
import type { ImportVmRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { carryOut } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { writeRemark } from "../output.js";

/** Makes a VM of an image, or prints the script. */
export async function carryOutImport(
  request: ImportVmRequest,
  options: DryRun,
  context: CommandContext,
): Promise<void> {
  const { importScript, importVm } = await import("./operations.js");
  const host = ownHost(context);
  await carryOut(
    options,
    () => importScript(request, host),
    async () => {
      await importVm(request, host);
      writeRemark(`created ${request.vm} of ${request.image}`);
    },
  );
}
