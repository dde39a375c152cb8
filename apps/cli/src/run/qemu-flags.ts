import { readQemuVersion } from "@vm/guest-run";
import { findUnavailableFlags, findUnknownFlags, type QemuOption } from "@vm/qemu-argv";
import { writeNotice } from "../output.js";

/** Warns of a person's flags that no QEMU has, or not the one at hand, with what to write instead. QEMU refuses them by itself. */
export function warnOfFlags(options: readonly QemuOption[], qemu: string): void {
  for (const { flag, suggestion } of findUnknownFlags(options)) {
    const question = suggestion === undefined ? "" : `; did you mean -${suggestion}?`;
    writeNotice(`warning: -${flag} is no flag of a QEMU known here${question}`);
  }
  // Starting QEMU for its version costs time, and most command lines are of flags that every version has.
  if (findUnavailableFlags(options).length === 0) return;
  const version = readQemuVersion(qemu);
  if (version === undefined) return;
  for (const { flag, removedIn, addedIn, instead } of findUnavailableFlags(options, version)) {
    const since = removedIn === undefined ? `came with QEMU ${addedIn}` : `is gone since QEMU ${removedIn}`;
    const advice = instead === undefined ? "" : `; write ${instead} instead`;
    writeNotice(`warning: -${flag} ${since}, and this is ${version}${advice}`);
  }
}
