import { flagName } from "./flag-syntax.js";
import { addedFlags, removedFlags } from "./flag-table.js";
import type { QemuOption } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** A flag that QEMU has had or will have, but not in every version. */
export interface UnavailableFlag {
  /** Without dashes. */
  readonly flag: string;
  /** The first version without it, as `9.0`. */
  readonly removedIn?: string;
  /** The first version with it. */
  readonly addedIn?: string;
  /** What does the same in a QEMU without it, as one would type it; absent where nothing does. */
  readonly instead?: string;
}

/**
 * The flags that the QEMU at hand has no more, or does not have yet: it would refuse them as invalid options. Without a version,
 * those that some QEMU lacks: where there are none, nobody needs to be asked for the version.
 *
 * @param qemuVersion `11.1.3`, or all that `qemu-system-x86_64 --version` prints
 * @throws `QEMU_VALUE_INVALID` when that holds no version
 */
export function findUnavailableFlags(
  options: readonly QemuOption[],
  qemuVersion?: string,
): UnavailableFlag[] {
  const version = qemuVersion === undefined ? undefined : parseVersion(qemuVersion);
  return options.flatMap((option): UnavailableFlag[] => {
    if ("image" in option) return [];
    const flag = flagName(option.flag);
    const removal = Object.hasOwn(removedFlags, flag) ? removedFlags[flag] : undefined;
    if (removal !== undefined && (version === undefined || version >= parseVersion(removal.removedIn))) {
      return [{ flag, ...removal }];
    }
    const addedIn = Object.hasOwn(addedFlags, flag) ? addedFlags[flag] : undefined;
    if (addedIn !== undefined && (version === undefined || version < parseVersion(addedIn))) {
      return [{ flag, addedIn }];
    }
    return [];
  });
}

/** A number that orders versions by their first two parts: flags do not come or go within `9.0.x`. */
function parseVersion(text: string): number {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? [];
  if (major !== undefined && minor !== undefined) return Number(major) * 1000 + Number(minor);
  throw qemuArgvError(
    "QEMU_VALUE_INVALID",
    `Expected a version of QEMU such as 9.2.1, found ${JSON.stringify(text)}.`,
    "Give what `qemu-system-x86_64 --version` prints.",
  );
}
