import { resizeCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { carryOutChange } from "../keep/change.js";

interface ResizeOptions extends DryRun {
  readonly disk?: string;
}

export const define: CommandModule["define"] = definition(
  resizeCommand,
  (context) =>
    (name: string, size: string, { disk, ...options }: ResizeOptions) =>
      carryOutChange(
        { operation: "resize-disk", vm: name, size, ...(disk === undefined ? {} : { disk }) },
        {
          ...options,
          done: `the disk of ${name} is larger now; its partition and file system are as they were`,
        },
        context,
      ),
);
