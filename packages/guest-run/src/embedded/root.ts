import { statSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";

/** Directories that every root has and nobody needs from the host for as long as the guest starts. */
const STAGES = ["/mnt", "/media", "/srv", "/tmp", "/run"];

/** A directory of the root to build the guest's own root on. @throws `ROOT_UNUSABLE` */
export function findStage(root: string): string {
  const stage = STAGES.find((path) => isDirectory(join(root, path)));
  const missing = stage === undefined ? STAGES.join(", ") : isDirectory(join(root, "dev")) ? null : "/dev";
  if (stage !== undefined && missing === null) return stage;
  throw codedError("ROOT_UNUSABLE", `${root} can not be the guest's root: it has no directory ${missing}.`, {
    hint: "Make an empty one in it, or give --root a directory such as mmdebstrap makes.",
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
