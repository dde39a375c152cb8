import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const exportCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the virtual machine"]],
  options: [
    ["--libvirt", "print libvirt's domain XML"],
    ["-k, --kernel <build>", "the kernel that it boots, as vm run takes it"],
    ["-a, --append <parameter>", "add a kernel parameter (repeatable)", { repeatable: true }],
    dryRunOption,
  ],
  notes: `
The domain is the machine as vm run starts it. What libvirt's XML has no word for stands in <qemu:commandline>, and standard error says what
that is. Its uuid and network addresses are the same each time: virsh define changes the domain that is there.

Examples:
  vm export TestVM --libvirt > TestVM.xml && virsh -c qemu:///session define TestVM.xml
  vm export TestVM --libvirt -k ~/linux -a loglevel=7 > TestVM.xml
`,
};
