import { diskCommand } from "@vm/command-guide";
import {
  addDiskRequest,
  removeDiskRequest,
  type AddDiskOptions,
  type JsonOption,
  type RemoveDiskOptions,
} from "@vm/command-requests";
import { describeDisks, describeVm, renderJson } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { print } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(diskCommand, (context) => ({
  add: (vm: string, size: string, options: AddDiskOptions) =>
    carryOutChange(addDiskRequest(vm, size, options), options, context),
  remove: (vm: string, image: string, options: RemoveDiskOptions) =>
    carryOutChange(removeDiskRequest(vm, image, options), options, context),
  list: async (vm: string, options: JsonOption) => {
    const { disks } = await describeVm({ operation: "info", vm }, ownHost(context));
    print(options.json === true ? renderJson(disks) : describeDisks(disks), options);
  },
}));
