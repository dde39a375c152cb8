import { plainText } from "@vm/command-plan";
import { type DryRun, usageError } from "@vm/command-requests";
import type { ModulesReport } from "@vm/kernel-build";
import {
  describeModules,
  findKernel,
  modulesScript,
  reportModules,
  type ModulesRequest,
  renderJson,
} from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface ModulesOptions extends DryRun {
  readonly json?: true;
  readonly quiet?: true;
}

const examples = `
Examples:
  vm modules ~/linux
  vm modules ~/linux --json | jq -r .release
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<kernel>", "what -k takes: a build tree, an image, a package, an installed release")
    .option("--json", "print a JSON document")
    .option("-q, --quiet", "only make the index; print what is wrong on standard error")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (kernel: string, options: ModulesOptions) => {
      if (options.json === true && options.quiet === true) {
        throw usageError("--json and --quiet exclude each other");
      }
      const request: ModulesRequest = { operation: "modules", kernel };
      const host = ownHost(context);
      if (options.dryRun === true) {
        const { json, quiet } = options;
        const flags = [...(json === true ? ["--json"] : []), ...(quiet === true ? ["--quiet"] : [])];
        const render = (report: ModulesReport): string => inWords(report, options);
        writeOutput(await modulesScript(request, { flags, render, quiet: quiet === true }, host));
        return;
      }
      const report = reportModules(await findKernel(request, "run", host), host);
      if (options.quiet === true) {
        for (const { message } of report.problems) writeNotice(message);
        if (report.index === null) context.setExitCode(1);
      } else writeOutput(plainText(inWords(report, options)));
    });
}

function inWords(report: ModulesReport, { json }: ModulesOptions): string {
  return json === true ? renderJson(report) : describeModules(report);
}
