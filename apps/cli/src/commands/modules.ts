import { toScript } from "@vm/command-plan";
import {
  checkModulesIndex,
  modulesReport,
  resolveKernel,
  type KernelBuild,
  type ModulesReport,
} from "@vm/kernel-build";
import { readUserConfig } from "@vm/vm-store";
import type { Command } from "commander";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print, toJson, type DryRun } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownBin } from "../own-bin.js";
import { withBuiltKernel } from "../run/built-kernel.js";
import { kernelLookup } from "../run/kernel-lookup.js";
import { repeatedWords } from "../run/repeated-words.js";
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
        throw usageError("--json and --quiet: which of the two?");
      }
      const build = await find(kernel, options, context).catch((error: unknown) => {
        if (options.dryRun !== true) throw error;
        writeOutput(repeatedWords(error, context));
        return null;
      });
      if (build === null) return;
      const cache = { cacheDir: cacheHome(context) };
      const isStale = (): boolean => checkModulesIndex(build, cache).state === "stale";
      // What is wrong is said on standard error, and with the exit code: the command itself does both.
      if (options.dryRun === true && (options.quiet === true || isStale())) {
        const { json, quiet } = options;
        const flags = [...(json === true ? ["--json"] : []), ...(quiet === true ? ["--quiet"] : [])];
        writeOutput(
          toScript([{ kind: "exec", argv: [...ownBin(), "modules", ...flags, build.tree ?? build.image] }]),
        );
        return;
      }
      const report = modulesReport(build, cache);
      if (options.quiet === true) {
        for (const { message } of report.problems) writeNotice(message);
        if (report.index === null) context.setExitCode(1);
      } else print(options.json === true ? toJson(report) : describe(report), options);
    });
}

async function find(kernel: string, options: ModulesOptions, context: CommandContext): Promise<KernelBuild> {
  const built = await withBuiltKernel({ ...options, kernel }, context);
  return resolveKernel(built.kernel, kernelLookup(context, readUserConfig({ env: context.env }), options));
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
