import { Socket } from "node:net";
import { serveCellsCommand } from "@vm/command-guide";
import { codedError } from "@vm/command-plan";
import { usageError, type DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { readManifest } from "../own-version.js";
import { repeatingScript } from "../reach/repeating-script.js";

export const define: CommandModule["define"] = definition(
  serveCellsCommand,
  (context) =>
    async ({ dryRun }: DryRun) => {
      if (dryRun === true) {
        writeOutput(repeatingScript(["serve-cells"]));
        return;
      }
      if (process.stdin.isTTY || process.stdout.isTTY)
        throw usageError("serve-cells talks to another vm, and not to a terminal", "See vm test --on ssh.");
      const { serveCells } = await import("@vm/kernel-matrix");
      const { version } = readManifest();
      await serveCells({ version, input: process.stdin, open: openOutput }, ownHost(context));
    },
);

/** Standard output as a stream that never keeps this process waiting, as Node's own does: it has to hear when its client is gone. */
function openOutput(first: string): Socket {
  writeOutput(first);
  try {
    return new Socket({ fd: 1, readable: false, writable: true });
  } catch (cause) {
    throw codedError("OUTPUT_UNWRITABLE", "standard output is no pipe to another vm", { cause });
  }
}
