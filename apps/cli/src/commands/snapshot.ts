import { snapshotCommand } from "@vm/command-guide";
import {
  createSnapshotRequest,
  deleteSnapshotRequest,
  restoreSnapshotRequest,
  type CreateSnapshotOptions,
  type DryRun,
  type JsonOption,
} from "@vm/command-requests";
import { describeSnapshots, renderJson } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { print } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(snapshotCommand, (context) => ({
  create: (vm: string, tag: string | undefined, options: CreateSnapshotOptions) =>
    carryOutChange(createSnapshotRequest(vm, tag, options), options, context),
  list: async (vm: string, options: JsonOption) => {
    const { snapshotsOf } = await import("../keep/operations.js");
    const snapshots = await snapshotsOf({ operation: "list-snapshots", vm }, ownHost(context));
    print(options.json === true ? renderJson(snapshots) : describeSnapshots(snapshots), options);
  },
  restore: (vm: string, tag: string, options: DryRun) =>
    carryOutChange(restoreSnapshotRequest(vm, tag), options, context),
  delete: (vm: string, tag: string, options: DryRun) =>
    carryOutChange(deleteSnapshotRequest(vm, tag), options, context),
}));
