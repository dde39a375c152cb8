import { snapshotCommand } from "@vm/command-guide";
import type { DryRun } from "@vm/command-requests";
import { describeSnapshots, renderJson } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { print } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";
import { ownHost } from "../own-host.js";

interface CreateOptions extends DryRun {
  readonly disksOnly?: true;
}

interface ListOptions extends DryRun {
  readonly json?: true;
}

export const define: CommandModule["define"] = definition(snapshotCommand, (context) => ({
  create: (vm: string, tag: string = timeTag(), { disksOnly, ...options }: CreateOptions) =>
    carryOutChange(
      { operation: "create-snapshot", vm, tag, ...(disksOnly === true ? { memory: "left-out" } : {}) },
      { ...options, done: `${vm} has the snapshot ${tag}` },
      context,
    ),
  list: async (vm: string, { json, ...options }: ListOptions) => {
    const { snapshotsOf } = await import("../keep/operations.js");
    const snapshots = await snapshotsOf({ operation: "list-snapshots", vm }, ownHost(context));
    print(json === true ? renderJson(snapshots) : describeSnapshots(snapshots), options);
  },
  restore: (vm: string, tag: string, options: DryRun) =>
    carryOutChange(
      { operation: "restore-snapshot", vm, tag },
      { ...options, done: `${vm} is what it was at ${tag}` },
      context,
    ),
  delete: (vm: string, tag: string, options: DryRun) =>
    carryOutChange(
      { operation: "delete-snapshot", vm, tag },
      { ...options, done: `${vm} has no snapshot ${tag} any more` },
      context,
    ),
}));

/** `2026-11-29T00-15-00Z`. */
function timeTag(): string {
  return new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
}
