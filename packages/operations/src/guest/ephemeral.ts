import { codedError } from "@vm/command-plan";
import { optionProperty, switchOption, type QemuOption } from "@vm/qemu-argv";

/**
 * QEMU's `-snapshot`: what a guest writes goes to a file without a name, for every -drive and its like.
 * @throws EPHEMERAL_IMPOSSIBLE for a disk that it does not reach
 */
export function ephemeralOptions(options: readonly QemuOption[]): QemuOption[] {
  for (const option of options) {
    const reason = whyKept(option);
    if (reason === undefined) continue;
    throw codedError("EPHEMERAL_IMPOSSIBLE", `--ephemeral cannot be kept: ${reason}`, {
      hint: "Write the disk as a -drive, or make it read-only.",
    });
  }
  return [switchOption("snapshot")];
}

/** Source: QEMU's blockdev.c: -snapshot sets the default of -drive's `snapshot`, and of nothing else. */
function whyKept(option: QemuOption): string | undefined {
  if (!("flag" in option)) return undefined;
  if (option.flag === "drive") {
    const own = optionProperty(option, "snapshot");
    return own === "off" || own === "no" || own === "false" || own === "n"
      ? "a -drive says snapshot=off"
      : undefined;
  }
  if (option.flag !== "blockdev") return undefined;
  const readOnly = optionProperty(option, "read-only");
  return readOnly === "on" || readOnly === "true" || readOnly === "yes" || readOnly === "y"
    ? undefined
    : "-snapshot is not for a -blockdev that can be written to";
}
