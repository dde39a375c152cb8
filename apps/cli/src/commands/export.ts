import { checkParameters, type DryRun, usageError } from "@vm/command-requests";
import { exportScript, exportVm, type BootedKernel, type ExportVmRequest } from "@vm/operations";
import { plainText } from "@vm/command-plan";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { collect } from "../repeatable-option.js";

interface ExportOptions extends DryRun {
  readonly libvirt?: true;
  readonly kernel?: string;
  readonly append?: readonly string[];
}

const examples = `
The domain is the machine as vm run starts it. What libvirt's XML has no word for stands in <qemu:commandline>, and standard error says what
that is. Its uuid and network addresses are the same each time: virsh define changes the domain that is there.

Examples:
  vm export TestVM --libvirt > TestVM.xml && virsh -c qemu:///session define TestVM.xml
  vm export TestVM --libvirt -k ~/linux -a loglevel=7 > TestVM.xml
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .option("--libvirt", "print libvirt's domain XML")
    .option("-k, --kernel <build>", "the kernel that it boots, as vm run takes it")
    .option("-a, --append <parameter>", "add a kernel parameter (repeatable)", collect)
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (vm: string, { libvirt, append, kernel: name, dryRun }: ExportOptions) => {
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
    });
}
