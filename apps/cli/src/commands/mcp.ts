import { mcpCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type DryRun, usageError } from "@vm/command-requests";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownSupervisor } from "../own-bin.js";
import { ownHost } from "../own-host.js";
import { readManifest } from "../own-version.js";

interface McpOptions extends DryRun {
  readonly allowWrite?: readonly string[];
}

export const define: CommandModule["define"] = definition(
  mcpCommand,
  (context) =>
    async ({ allowWrite = [], dryRun }: McpOptions) => {
      const host = ownHost(context);
      const writable = allowWrite.map((path) => existing(resolve(context.cwd, path)));
      if (dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      const { serve } = await import("@vm/mcp");
      await serve(
        { version: readManifest().version, permission: { writable }, supervisor: ownSupervisor() },
        host,
      );
    },
);

function existing(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(path);
  throw usageError(`--allow-write: there is no directory ${path}`);
}
