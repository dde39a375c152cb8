import { readFileSync } from "node:fs";
import { execDevices } from "@vm/guest-run";
import { guestFile } from "@vm/modules-mounter";
import { architectureNamed, findOptions, optionProperty, type QemuOption } from "@vm/qemu-argv";

/** The unit that serves the port: the package of modules-mounter has it, and so has whoever boots with the credentials below. */
const UNIT = "vm-exec.service";

/**
 * The port for commands of a VM that boots its own system, and the service that serves it, handed over as credentials of systemd 256 and newer:
 * nothing is installed. Nothing for a machine that has no place for the port.
 *
 * Source: systemd.system-credentials(7) and systemd-debug-generator(8) (`systemd.extra-unit.*`, `systemd.unit-dropin.*`), systemd(1) (SMBIOS type 11).
 */
export function execOptions(socket: string, arch: string, userOptions: readonly QemuOption[]): QemuOption[] {
  const devices = execDevices(socket, arch, userOptions);
  return devices.length === 0 ? [] : [...devices, ...credentials(arch, userOptions)];
}

function credentials(arch: string, userOptions: readonly QemuOption[]): QemuOption[] {
  const qemu = architectureNamed(arch)?.qemu;
  if (qemu !== "x86_64" && qemu !== "i386") return [];
  // QEMU takes tables of SMBIOS from a file, or makes them itself.
  if (
    findOptions(userOptions, { flag: "smbios" }).some(
      (option) => optionProperty(option, "file") !== undefined,
    )
  )
    return [];
  const unit = readFileSync(guestFile(UNIT), "utf8").replaceAll(/^#.*\n/gm, "");
  return [
    credential(`systemd.extra-unit.${UNIT}`, unit),
    credential("systemd.unit-dropin.multi-user.target~vm-exec", `[Unit]\nWants=${UNIT}\n`),
  ];
}

function credential(name: string, text: string): QemuOption {
  const value = Buffer.from(text).toString("base64");
  return {
    flag: "smbios",
    props: [
      ["type", "11"],
      ["value", `io.systemd.credential.binary:${name}=${value}`],
    ],
  };
}
