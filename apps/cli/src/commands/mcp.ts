import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type DryRun, usageError } from "@vm/command-requests";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownSupervisor } from "../own-bin.js";
import { ownHost } from "../own-host.js";
import { readManifest } from "../own-version.js";
import { collect } from "../repeatable-option.js";

interface McpOptions extends DryRun {
  readonly allowWrite?: readonly string[];
}

const examples = `
A server of the Model Context Protocol on standard input and output, for agents and editors: kernels, configurations, commands and tests in
guests, reports, virtual machines. What would write to this machine is refused, but for vm's own cache and what --allow-write names.

Examples:
  vm mcp
  vm mcp --allow-write ~/linux --allow-write ~/results
`;

export function define(command: Command, context: CommandContext): void {
  command
    .option("--allow-write <directory>", "let it write below this directory (repeatable)", collect)
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async ({ allowWrite = [], dryRun }: McpOptions) => {
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
    });
}

function existing(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(path);
  throw usageError(`--allow-write: there is no directory ${path}`);
}
