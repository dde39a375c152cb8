import { plainText, toScript } from "@vm/command-plan";
import { checkModulesIndex, type ModulesReport } from "@vm/kernel-build";
import { findKernel, reportModules, scriptOrRepeat, type Host, type ModulesRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, scriptOf, toJson, type DryRun } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { usageError } from "../usage-error.js";

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
        writeOutput(await dryScript(request, options, host));
        return;
      }
      const report = reportModules(await findKernel(request, "run", host), host);
      if (options.quiet === true) {
        for (const { message } of report.problems) writeNotice(message);
        if (report.index === null) context.setExitCode(1);
      } else writeOutput(plainText(inWords(report, options)));
    });
}

function dryScript(request: ModulesRequest, { json, quiet }: ModulesOptions, host: Host): Promise<string> {
  return scriptOrRepeat(async () => {
    const build = await findKernel(request, "script", host);
    // What is wrong is said on standard error, and with the exit code: the command itself does both.
    if (quiet === true || checkModulesIndex(build, { cacheDir: host.cacheDir }).state === "stale") {
      const flags = [...(json === true ? ["--json"] : []), ...(quiet === true ? ["--quiet"] : [])];
      const argv = [...host.program, "modules", ...flags, build.tree ?? build.image] as const;
      return toScript([{ kind: "exec", argv }]);
    }
    return scriptOf(inWords(reportModules(build, host), json === undefined ? {} : { json }));
  }, host);
}

function inWords(report: ModulesReport, { json }: ModulesOptions): string {
  return json === true ? toJson(report) : describe(report);
}

function describe({ tree, release, arch, count, modules, index, state, problems }: ModulesReport): string {
  const rows: readonly [label: string, value: string][] = [
    ["tree", tree ?? "none"],
    ["release", release],
    ["arch", arch],
    ["modules", count === null ? modules : String(count)],
    ["index", index === null ? "none" : `${index} (${state})`],
  ];
  const lines = rows.map(([label, value]) => `${label.padEnd(8)} ${value}\n`);
  for (const { message, hint } of problems)
    lines.push(`warning  ${message}${hint === undefined ? "" : `. ${hint}`}\n`);
  return lines.join("");
}
