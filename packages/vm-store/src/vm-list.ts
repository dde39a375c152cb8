import { readdirSync } from "node:fs";
import { codedError } from "@vm/command-plan";
import { readCaught } from "./caught-error.js";

/**
 * The names of the VMs in a home, sorted; empty where the home does not exist. Names only: no VM's directory is looked into.
 * Hidden entries (a VM that is just being created, `.git`) and plain files are no VMs.
 * @throws VM_HOME_UNREADABLE
 */
export function listVms(home: string): string[] {
  try {
    return readdirSync(home, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith(".") && (entry.isDirectory() || entry.isSymbolicLink()))
      .map((entry) => entry.name)
      .toSorted();
  } catch (cause) {
    const { code, message } = readCaught(cause);
    if (code === "ENOENT") return [];
    throw codedError("VM_HOME_UNREADABLE", `${home}: cannot list the VMs: ${message}`, {
      hint: "Set VM_HOME to a directory that you can read and write.",
      cause,
    });
  }
}
