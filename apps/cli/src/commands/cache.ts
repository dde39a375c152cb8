import { plainLine, plainText } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import {
  describeCache,
  describePruned,
  listCache,
  pruneCache,
  pruneScript,
  renderJson,
} from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print } from "../dry-run.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

interface ListOptions extends DryRun {
  readonly json?: true;
}

interface PruneOptions extends ListOptions {
  readonly limit?: string;
}

const examples = `
The cache keeps kernels that were built, unpacked or downloaded, indexes of modules, initramfs images and installation images. What nobody
uses for 30 days goes, and so does what was used longest ago when all of it is larger than cacheLimit of config.json (20G): by itself, when
something is made there. What a guest that runs was given stays.

Examples:
  vm cache list
  vm cache list --json | jq -r '.[] | select(.room == "git") | .path'
  vm cache prune
  vm cache prune --limit 0                 all but what is in use
`;

export function define(command: Command, context: CommandContext): void {
  command.addHelpText("after", examples);
  const add = (name: string, summary: string): Command =>
    command
      .command(name)
      .summary(summary)
      .description(summary)
      .exitOverride()
      .showHelpAfterError(`(vm cache ${name} --help explains the options)`);
  add("list", "what is kept, how large it is, and when it was used last")
    .option("--json", "print a JSON array")
    .option(...dryRunOption)
    .action(async ({ json, ...options }: ListOptions) => {
      const entries = await listCache(ownHost(context));
      print(json === true ? renderJson(entries) : describeCache(entries), options);
    });
  add("prune", "remove what is unused, and what is over the limit")
    .option(
      "--limit <size>",
      "how much may stay: a size, or none (default: cacheLimit in config.json, else 20G)",
    )
    .option("--json", "print what was removed as a JSON document")
    .option(...dryRunOption)
    .action(async ({ limit, json, dryRun }: PruneOptions) => {
      const host = ownHost(context);
      const request = { operation: "prune-cache", ...(limit === undefined ? {} : { limit }) } as const;
      if (dryRun === true) {
        writeOutput(await pruneScript(request, host));
        return;
      }
      const pruned = await pruneCache(request, host);
      if (json === true) writeOutput(renderJson(pruned));
      else writeOutput(plainText(pruned.removed.map(({ path }) => `${plainLine(path)}\n`).join("")));
      writeRemark(describePruned(pruned));
    });
}
