import { kconfigCommand } from "@vm/command-guide";
import { plainText } from "@vm/command-plan";
import {
  checkConfigRequest,
  mergeConfigRequest,
  usageError,
  type CheckConfigOptions,
  type MergeConfigOptions,
} from "@vm/command-requests";
import {
  checkConfig,
  checkScript,
  describeCheck,
  describeMerge,
  mergeConfig,
  mergeScript,
  renderJson,
} from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(kconfigCommand, (context) => ({
  merge: async (fragments: string[], options: MergeConfigOptions) => {
    const request = mergeConfigRequest(fragments, options);
    const host = ownHost(context);
    if (options.dryRun === true) {
      const script = await mergeScript(request, host);
      if (options.json === true) {
        throw usageError("--json: the script of a dry run prints what vm kconfig check says, as text");
      }
      writeOutput(script);
      return;
    }
    // What make says is not the product.
    const report = await mergeConfig(request, host, 2);
    writeOutput(options.json === true ? renderJson(report) : plainText(describeMerge(report)));
    if (report.lost.length > 0) context.setExitCode(1);
  },
  check: async (kernel: string, fragments: readonly string[], options: CheckConfigOptions) => {
    const request = checkConfigRequest(kernel, fragments, options);
    const host = ownHost(context);
    if (options.dryRun === true) {
      writeOutput(await checkScript(request, { json: options.json === true }, host));
      return;
    }
    const check = await checkConfig(request, host);
    writeOutput(options.json === true ? renderJson(check) : plainText(describeCheck(check)));
    if (!check.passed) context.setExitCode(1);
  },
}));
