import { modulesCommand } from "@vm/command-guide";
import { plainText } from "@vm/command-plan";
import { modulesFlags, type ModulesOptions } from "@vm/command-requests";
import type { ModulesReport } from "@vm/kernel-build";
import {
  describeModules,
  findKernel,
  modulesScript,
  renderJson,
  reportModules,
  type ModulesRequest,
} from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  modulesCommand,
  (context) => async (kernel: string, options: ModulesOptions) => {
    const flags = modulesFlags(options);
    const isQuiet = options.quiet === true;
    const request: ModulesRequest = { operation: "modules", kernel };
    const host = ownHost(context);
    const render = (report: ModulesReport): string =>
      options.json === true ? renderJson(report) : describeModules(report);
    await carryOut(
      options,
      () => modulesScript(request, { flags, render, quiet: isQuiet }, host),
      async () => {
        const report = await reportModules(await findKernel(request, "run", host), host);
        if (!isQuiet) writeOutput(plainText(render(report)));
        else for (const { message } of report.problems) writeNotice(message);
        if (isQuiet && report.index === null) context.setExitCode(1);
      },
    );
  },
);
