import { diskCommand } from "@vm/command-guide";
import type { DryRun } from "@vm/command-requests";
import { describeDisks, describeVm, renderJson } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { print } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";
import { ownHost } from "../own-host.js";

interface AddOptions extends DryRun {
  readonly nvme?: true;
}

interface RemoveOptions extends DryRun {
  readonly keep?: true;
  readonly yes?: true;
}

interface ListOptions extends DryRun {
  readonly json?: true;
}

export const define: CommandModule["define"] = definition(diskCommand, (context) => ({
  add: (vm: string, size: string, { nvme, ...options }: AddOptions) =>
    carryOutChange(
      { operation: "add-disk", vm, size, ...(nvme === true ? { bus: "nvme" } : {}) },
      { ...options, done: `${vm} has one more disk of ${size}, from its next run on` },
      context,
    ),
  remove: async (vm: string, disk: string, { keep, yes, ...options }: RemoveOptions) => {
    if (keep !== true && yes !== true && options.dryRun !== true) {
      const { askForConsent } = await import("../keep/question.js");
      askForConsent(`Remove the disk ${disk} of ${vm}, with all that is on it?`);
    }
    await carryOutChange(
      { operation: "remove-disk", vm, disk, ...(keep === true ? { image: "keep" } : {}) },
      { ...options, done: `${vm} has no disk ${disk} any more` },
      context,
    );
  },
  list: async (vm: string, { json, ...options }: ListOptions) => {
    const { disks } = await describeVm({ operation: "info", vm }, ownHost(context));
    print(json === true ? renderJson(disks) : describeDisks(disks), options);
  },
}));
