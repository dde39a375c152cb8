import { modulesCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
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
import type { CommandModule } from "../command-module.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface ModulesOptions extends DryRun {
  readonly json?: true;
  readonly quiet?: true;
}

export const define: CommandModule["define"] = definition(
  modulesCommand,
  (context) => async (kernel: string, options: ModulesOptions) => {
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
  },
);

function inWords(report: ModulesReport, { json }: ModulesOptions): string {
  return json === true ? renderJson(report) : describeModules(report);
}
