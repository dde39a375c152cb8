import type { DryRun } from "@vm/command-requests";
import type { ChangeRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { writeOutput, writeRemark } from "../output.js";

/** Carries out a change, or prints its script. @param done what is said then */
export async function carryOutChange(
  request: ChangeRequest,
  { dryRun, done }: DryRun & { readonly done: string },
  context: CommandContext,
): Promise<void> {
  const { change, scriptOfChange } = await import("./operations.js");
  const host = ownHost(context);
  if (dryRun === true) {
    writeOutput(await scriptOfChange(request, host));
    return;
  }
  await change(request, host);
  writeRemark(done);
}
