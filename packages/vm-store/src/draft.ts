import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { livenessOf, ownIdentity, type ProcessIdentity } from "./process-identity.js";

/** `copy`: a VM that is being put together and has no name yet. `gone`: one that has lost its name, and is being removed. */
type DraftKind = "copy" | "gone";

/**
 * A hidden sibling of the VMs, for what is not to be seen while it is not whole; by its name everybody can tell whose it is, and whether that
 * process still lives. The script of a dry run does not know which process will run it.
 */
export function draftName(kind: DraftKind, name: string, owner?: ProcessIdentity): string {
  if (owner === undefined) return `.${name}.${kind}`;
  return `.${name}.${kind}-${owner.pid}-${owner.startTicks}-${owner.boot}-${owner.pidNamespace}`;
}

const owned = /^\..+\.(?:copy|gone)-(\d+)-(\d+)-([0-9a-f]{8})-(\d+)$/s;

/**
 * Removes what processes left that were killed half-way: their copies never had a name, and what is gone was to be removed. What a living
 * process works on stays.
 */
export function removeDeadDrafts(home: string): void {
  for (const entry of hiddenEntries(home)) {
    const [, pid, startTicks, boot, pidNamespace] = owned.exec(entry) ?? [];
    if (boot === undefined) continue;
    const owner = {
      pid: Number(pid),
      startTicks: Number(startTicks),
      boot,
      pidNamespace: Number(pidNamespace),
    };
    if (livenessOf(owner) !== "dead") continue;
    try {
      // Ours by its name first: of two that clear away each removes another one.
      const own = join(home, draftName("gone", "draft", ownIdentity()));
      renameSync(join(home, entry), own);
      rmSync(own, { recursive: true, force: true });
    } catch {
      // Somebody was faster, or the home is read-only: the change itself will say so.
    }
  }
}

function hiddenEntries(home: string): string[] {
  try {
    return readdirSync(home).filter((entry) => entry.startsWith("."));
  } catch {
    return [];
  }
}
