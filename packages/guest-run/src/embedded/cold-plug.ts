import type { QemuOption } from "@vm/qemu-argv";

/** Flags by which a person gives a guest hardware that it does not have by itself. */
const HARDWARE: ReadonlySet<string> = new Set([
  "audio",
  "cdrom",
  "device",
  "drive",
  "fda",
  "fdb",
  "hda",
  "hdb",
  "hdc",
  "hdd",
  "machine",
  "net",
  "nic",
  "readconfig",
  "sd",
  "usb",
  "usbdevice",
  "vga",
  "virtfs",
  "watchdog",
]);

/**
 * Shell text that loads the drivers of the hardware that is there, where they are modules, as udev's rules do (80-drivers.rules): by the
 * `modalias` of each device, and again for the devices that appear with a driver (the disk of a controller). Nothing where the guest has the
 * hardware it always has: the initramfs has loaded what that needs. modprobe returns when a driver has found its disks.
 */
export function coldPlug(options: readonly QemuOption[]): string[] {
  if (!options.some((option) => !("flag" in option) || HARDWARE.has(option.flag))) return [];
  return [COLD_PLUG];
}

const COLD_PLUG = `vm_known=' '
for vm_pass in 1 2 3 4; do
  vm_new=
  for vm_file in /sys/bus/*/devices/*/modalias; do
    { read -r vm_alias <"$vm_file"; } 2>/dev/null || continue
    case $vm_known in *" $vm_alias "*) continue ;; esac
    vm_known="$vm_known$vm_alias "
    vm_new="$vm_new $vm_alias"
  done
  [ -n "$vm_new" ] || break
  set -f
  modprobe -q -a -b $vm_new 2>/dev/null
  set +f
done`;
