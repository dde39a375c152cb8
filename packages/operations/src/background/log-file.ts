import { basename, join } from "node:path";

/** The console's log of a VM in the background. @param directory the VM's */
export function vmLog(directory: string): string {
  return join(directory, ".console.log");
}

/** The console's log of an embedded guest: beside its entry, which goes with it. */
export function embeddedLog(runtimeDirectory: string, entry: string): string {
  return join(runtimeDirectory, `${basename(entry)}.log`);
}
