import type { ConsentOptions } from "@vm/command-requests";
import type { ChangeRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { carryOut } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { writeError, writeRemark } from "../output.js";

/** Carries out a change, or prints its script. Where something is lost the person is asked first. */
export async function carryOutChange(
  request: ChangeRequest,
  options: ConsentOptions,
  context: CommandContext,
): Promise<void> {
  const { change, consentQuestion, describeChange, scriptOfChange } = await import("./operations.js");
  const host = ownHost(context);
  const question = options.yes === true ? undefined : consentQuestion(request);
  await carryOut(
    options,
    () => scriptOfChange(request, host),
    async () => {
      if (question !== undefined) (await import("./question.js")).askForConsent(question, writeError);
      await change(request, host);
      writeRemark(describeChange(request));
    },
  );
}
