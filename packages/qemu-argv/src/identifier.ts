import { qemuArgvError } from "./qemu-argv-error.js";

/** The id, when QEMU takes it: a letter, then letters, digits, `-`, `.`, `_` (util/id.c). Throws `QEMU_VALUE_INVALID`. */
export function checkId(id: string): string {
  if (/^[A-Za-z][A-Za-z0-9._-]*$/.test(id)) return id;
  throw qemuArgvError(
    "QEMU_VALUE_INVALID",
    `QEMU takes no id ${JSON.stringify(id)}: expected a letter, then letters, digits, "-", "." or "_".`,
  );
}
