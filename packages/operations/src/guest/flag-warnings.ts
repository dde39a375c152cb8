import { readQemuVersion } from "@vm/guest-run";
import { findUnavailableFlags, findUnknownFlags, type QemuOption } from "@vm/qemu-argv";
import { warning, type Notice } from "../notice.js";

/** Warns of a person's flags that no QEMU has, or not the one at hand, with what to write instead. QEMU refuses them by itself. */
export function flagWarnings(options: readonly QemuOption[], qemu: string): Notice[] {
  const unknown = findUnknownFlags(options).map(({ flag, suggestion }) => {
    const question = suggestion === undefined ? "" : `; did you mean -${suggestion}?`;
    return warning("QEMU_FLAG_UNKNOWN", `-${flag} is no flag of a QEMU known here${question}`);
  });
  // Starting QEMU for its version costs time, and most command lines are of flags that every version has.
  if (findUnavailableFlags(options).length === 0) return unknown;
  const version = readQemuVersion(qemu);
  if (version === undefined) return unknown;
  const unavailable = findUnavailableFlags(options, version).map(({ flag, removedIn, addedIn, instead }) => {
    const since = removedIn === undefined ? `came with QEMU ${addedIn}` : `is gone since QEMU ${removedIn}`;
    const advice = instead === undefined ? "" : `; write ${instead} instead`;
    return warning("QEMU_FLAG_UNAVAILABLE", `-${flag} ${since}, and this is ${version}${advice}`);
  });
  return [...unknown, ...unavailable];
}
