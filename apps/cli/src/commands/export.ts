import { exportCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { checkParameters, type DryRun, usageError } from "@vm/command-requests";
import { exportScript, exportVm, type BootedKernel, type ExportVmRequest } from "@vm/operations";
import { plainText } from "@vm/command-plan";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface ExportOptions extends DryRun {
  readonly libvirt?: true;
  readonly kernel?: string;
  readonly append?: readonly string[];
}

export const define: CommandModule["define"] = definition(
  exportCommand,
  (context) =>
    async (vm: string, { libvirt, append, kernel: name, dryRun }: ExportOptions) => {
      if (libvirt !== true) throw usageError("as what? --libvirt prints a domain for virsh define");
      if (name === undefined && append !== undefined)
        throw usageError("-a needs a kernel of the host (-k)", "The disk's own boot loader says the others.");
      checkParameters(append);
      const kernel: BootedKernel | undefined =
        name === undefined ? undefined : { name, ...(append === undefined ? {} : { parameters: append }) };
      const request: ExportVmRequest = {
        operation: "export-vm",
        vm,
        format: "libvirt",
        ...(kernel === undefined ? {} : { kernel }),
      };
      const host = ownHost(context);
      writeOutput(
        dryRun === true ? await exportScript(request, host) : plainText(await exportVm(request, host)),
      );
    },
);
