import { hasOption, matchesOption, optionProperty, type QemuOption } from "@vm/qemu-argv";
import { neededLibraries } from "./needed-libraries.js";

/**
 * What shuts QEMU in: no other program is started by it, no privilege is gained, no old system call is used. A guest that breaks out of its
 * devices then has less to go on with. Empty where QEMU was built without seccomp, where the person says `-sandbox` as they want it, and
 * where something among the options is known to need another program (a tap's script, a window's libraries): only what is known not to is shut in.
 * Source: qemu(1), -sandbox; the same that libvirt sets.
 */
export function sandboxOptions(qemu: string, options: readonly QemuOption[]): QemuOption[] {
  if (
    hasOption(options, { flag: "sandbox" }) ||
    options.some(mayStartPrograms) ||
    !hasPlainDisplay(options)
  ) {
    return [];
  }
  if (!neededLibraries(qemu).some((name) => name.startsWith("libseccomp."))) return [];
  const denied = ["obsolete", "elevateprivileges", "spawn", "resourcecontrol"];
  return [{ flag: "sandbox", head: "on", props: denied.map((key) => [key, "deny"] as const) }];
}

/** Options that start programs, change the user, or set the priority of threads; and those that bring in others. */
const unbound: ReadonlySet<string> = new Set([
  "audio",
  "audiodev",
  "chroot",
  "daemonize",
  "incoming",
  "plugin",
  "readconfig",
  "run-with",
  "runas",
  "soundhw",
  "spice",
]);

/** Networks that QEMU makes itself. A tap runs a script, a bridge a helper, passt is a program. */
const ownNetworks: ReadonlySet<string> = new Set([
  "user",
  "none",
  "socket",
  "stream",
  "dgram",
  "hubport",
  "vhost-user",
]);

function mayStartPrograms(option: QemuOption): boolean {
  if ("image" in option) return false;
  if (unbound.has(option.flag)) return true;
  const text = (key: string): string => optionProperty(option, key) ?? "";
  switch (option.flag) {
    case "netdev":
    case "nic":
    case "net": {
      const type = text("type");
      // `-net nic` is the guest's half of one.
      if (type !== "nic" && !ownNetworks.has(type)) return true;
      return text("smb") !== "" || ("props" in option && option.props.some(([key]) => key === "guestfwd"));
    }
    case "set":
      // Any property of an option that has been looked at above: `-set netdev.n.smb=DIR`.
      return true;
    case "object":
      return text("qom-type") === "thread-context";
    case "device":
      return /-gl(?:-|$)|rutabaga/.test(text("driver"));
    case "virtfs":
    case "fsdev":
      return text("fsdriver") === "proxy";
    default:
      return false;
  }
}

/** Without a word about it QEMU opens a window, with libraries that start programs. */
function hasPlainDisplay(options: readonly QemuOption[]): boolean {
  if (hasOption(options, { flag: "nographic" })) return true;
  const displays = options.filter((option) => matchesOption(option, { flag: "display" }));
  const kinds = displays.map((option) => optionProperty(option, "type") ?? "");
  const plain = kinds.every((kind) => ["none", "curses", "vnc"].includes(kind.replace(/=.*$/, "")));
  return plain && (kinds.length > 0 || hasOption(options, { flag: "vnc" }));
}
