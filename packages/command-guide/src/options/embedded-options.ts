import type { DeclaredOption } from "../command-declaration.js";
import { environmentOption } from "./environment-option.js";

/** What an embedded guest, or each of many, sees of this machine. */
export const seenOptions: readonly DeclaredOption[] = [
  ["--root <directory>", "boot on this root instead of /"],
  ["--rw <directory>", "share a directory read-write (repeatable)", { repeatable: true }],
  ["--ro <directory>", "share a directory read-only (repeatable)", { repeatable: true }],
  ["--expose <path>", "do not hide this path of the host, such as ~/.ssh (repeatable)", { repeatable: true }],
  environmentOption,
  ["--user", "run as you, not as root"],
];

/** Those of one embedded guest. */
export const embeddedOptions: readonly DeclaredOption[] = [
  ...seenOptions,
  ["--systemd", "boot with the root's systemd; the command runs once basic.target is reached"],
  [
    "--network <kind>",
    "none (loopback only), user (whatever this host's user can reach) or isolated (default: network in config.json, else none)",
  ],
];
