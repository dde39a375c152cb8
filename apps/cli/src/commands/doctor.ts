import { doctorCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { plainText } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { describeDoctor, examine, renderJson, type DoctorReport } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface DoctorOptions extends DryRun {
  readonly kernel?: string;
  readonly json?: true;
}

const exitCodes: Readonly<Record<DoctorReport["state"], number>> = { ok: 0, broken: 1, limited: 3 };

export const define: CommandModule["define"] = definition(
  doctorCommand,
  (context) =>
    async ({ kernel, json, dryRun }: DoctorOptions) => {
      const host = ownHost(context);
      if (dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      const report = await examine(
        { operation: "doctor", ...(kernel === undefined ? {} : { kernel }) },
        host,
      );
      writeOutput(json === true ? renderJson(report) : plainText(describeDoctor(report)));
      context.setExitCode(exitCodes[report.state]);
    },
);
