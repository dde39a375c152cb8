import type { HostKernel } from "@vm/guest-run";
import { architectureNamed, hasOption, requestedBoot, type QemuOption } from "@vm/qemu-argv";
import { warning, type Notice } from "../notice.js";

/** Warns of what will keep a guest silent: no firmware, or a console that the kernel does not have. */
export function machineWarnings(
  arch: string,
  userOptions: readonly QemuOption[],
  kernel: Pick<HostKernel, "cmdline"> | undefined,
): Notice[] {
  const facts = architectureNamed(arch);
  if (facts === undefined) return [];
  const { firmware, console, machine } = facts;
  if (kernel === undefined) {
    const starts = ["bios", "pflash"].some((flag) => hasOption(userOptions, { flag }));
    const flash = userOptions.some(
      (option) =>
        "props" in option && option.props.some(([key, value]) => key === "if" && value === "pflash"),
    );
    if (firmware === "built-in" || starts || flash || requestedBoot(userOptions).kernel !== undefined)
      return [];
    const { flag, file, debian } = firmware;
    return [
      warning(
        "NO_FIRMWARE",
        `${machine.type}, the machine for ${arch}, has no firmware to boot a disk with. Give a kernel with -k, or -- -${flag} ${file} (Debian's package ${debian})`,
      ),
    ];
  }
  const named = /(?:^|\s)console=(tty\w+|hvc\d+)/.exec(kernel.cmdline.join(" "))?.[1];
  // Any other may be that of a device of the person's own.
  if ((named !== "ttyS0" && named !== "ttyAMA0") || named === console) return [];
  return [
    warning(
      "CONSOLE_OF_OTHER_MACHINE",
      `console=${named}: the serial console of ${arch} is ${console} (kernelCmdline in vm.mjs, or -a)`,
    ),
  ];
}
