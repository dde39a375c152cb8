import { cacheCommand } from "@vm/command-guide";
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
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { print } from "../dry-run.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

interface ListOptions extends DryRun {
  readonly json?: true;
}

interface PruneOptions extends ListOptions {
  readonly limit?: string;
}

export const define: CommandModule["define"] = definition(cacheCommand, (context) => ({
  list: async ({ json, ...options }: ListOptions) => {
    const entries = await listCache(ownHost(context));
    print(json === true ? renderJson(entries) : describeCache(entries), options);
  },
  prune: async ({ limit, json, dryRun }: PruneOptions) => {
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
  },
}));
