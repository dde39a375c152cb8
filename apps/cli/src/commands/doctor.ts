import { plainText } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { describeDoctor, examine, renderJson, type DoctorReport } from "@vm/operations";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface DoctorOptions extends DryRun {
  readonly kernel?: string;
  readonly json?: true;
}

const examples = `
Each thing is tried for real, with a time limit: QEMU is started, a guest runs under KVM, a disk image is made, a program compiled.
Ends with 0 when nothing is missing, with 1 when vm run cannot work (BROKEN), with 3 when only a part of vm cannot (LIMITED).

Examples:
  vm doctor
  vm doctor -k ~/linux
  vm doctor --json | jq -r .command
`;

const exitCodes: Readonly<Record<DoctorReport["state"], number>> = { ok: 0, broken: 1, limited: 3 };

export function define(command: Command, context: CommandContext): void {
  command
    .option("-k, --kernel <build>", "look at this kernel as well: all that vm run -k takes")
    .option("--json", "print a JSON document")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async ({ kernel, json, dryRun }: DoctorOptions) => {
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
    });
}
