import { codedError } from "@vm/command-plan";
import type { HostKernel } from "@vm/guest-run";
import {
  architectureNamed,
  hasOption,
  hostArchitecture,
  requestedBoot,
  startsKernel,
  type QemuOption,
} from "@vm/qemu-argv";
import type { VmConfig } from "@vm/vm-store";
import { writeNotice } from "../output.js";

/**
 * The architecture of a VM: what its configuration says, else that of the kernel, else this machine's.
 *
 * @throws `ARCH_MISMATCH` when the kernel is for another one than the configuration says
 */
export function guestArch({ name, arch }: VmConfig, host: HostKernel | undefined): string {
  if (arch === undefined) return host?.arch ?? hostArchitecture(process.arch);
  if (host === undefined || startsKernel(arch, host.arch)) return arch;
  throw codedError("ARCH_MISMATCH", `${name} is a machine for ${arch}, and the kernel is for ${host.arch}`, {
    hint: `\`vm create --arch ${host.arch} NAME\` makes one for it; or change arch and the options in ${name}/vm.mjs.`,
  });
}

/** Says what will keep a VM silent: no firmware, or a console that the kernel does not have. */
export function warnOfMachine(
  arch: string,
  theirs: readonly QemuOption[],
  host: HostKernel | undefined,
): void {
  const facts = architectureNamed(arch);
  if (facts === undefined) return;
  const { firmware, console, machine } = facts;
  if (host === undefined) {
    const starts = ["bios", "pflash"].some((flag) => hasOption(theirs, { flag }));
    const flash = theirs.some(
      (option) =>
        "props" in option && option.props.some(([key, value]) => key === "if" && value === "pflash"),
    );
    if (firmware === "built-in" || starts || flash || requestedBoot(theirs).kernel !== undefined) return;
    const { flag, file, debian } = firmware;
    writeNotice(
      `warning: ${machine.type}, the machine for ${arch}, has no firmware to boot a disk with. Give a kernel with -k, or -- -${flag} ${file} (Debian's package ${debian})`,
    );
    return;
  }
  const named = /(?:^|\s)console=(tty\w+|hvc\d+)/.exec(host.cmdline.join(" "))?.[1];
  const lacks = {
    ttyS0: ["aarch64", "arm", "s390x", "ppc64le", "ppc64"],
    ttyAMA0: ["x86_64", "i386", "riscv64"],
  };
  if ((named === "ttyS0" || named === "ttyAMA0") && lacks[named].includes(facts.name)) {
    writeNotice(
      `warning: console=${named}: the serial console of ${arch} is ${console} (kernelCmdline in vm.mjs, or -a)`,
    );
  }
}
