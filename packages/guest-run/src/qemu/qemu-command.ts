import { optionProperty, renderArgv, type QemuOption } from "@vm/qemu-argv";
import type { OfferedShares } from "../share/host-share.js";
import { withShares } from "../share/launcher.js";
import { sandboxOptions } from "./sandbox.js";

/** What is started for a QEMU with these options: shut in where it can be, behind what its shares need. */
export function qemuCommand(
  qemu: string,
  options: readonly QemuOption[],
  shares: OfferedShares,
): readonly [program: string, ...args: string[]] {
  const argv = renderArgv([...sandboxOptions(qemu, options), ...options]);
  return withShares([qemu, ...argv], shares, networkHelper(options));
}

/**
 * Whether a network asks for QEMU's helper for bridges, which is setuid: no process that can gain no rights can use it. Source: net/tap.c.
 */
export function networkHelper(options: readonly QemuOption[]): "setuid" | "none" {
  const asks = options.some(
    (option) =>
      "flag" in option &&
      ["netdev", "nic", "net"].includes(option.flag) &&
      (optionProperty(option, "type") === "bridge" || optionProperty(option, "helper") !== undefined),
  );
  return asks ? "setuid" : "none";
}
