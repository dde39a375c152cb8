import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codedError, quoteShell } from "@vm/command-plan";

/** What stands in a VM's directory while its disks are set back, one after the other. */
export const RESTORING_FILE = ".restoring";

/** A VM of whose disks only some were set back is neither what it was nor what it was to be: it waits until that is finished. @throws VM_HALF_RESTORED */
export function checkWhole(directory: string, name: string): void {
  let tag: string;
  try {
    tag = readFileSync(join(directory, RESTORING_FILE), "utf8").trim();
  } catch {
    return;
  }
  throw codedError(
    "VM_HALF_RESTORED",
    `${name} was being set back to the snapshot ${JSON.stringify(tag)} when that was ended`,
    { hint: `Finish it: vm snapshot restore ${quoteShell(name)} ${quoteShell(tag)}` },
  );
}
