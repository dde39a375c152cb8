import { statSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";

/** Directories that every root has and nobody needs from the host for as long as the guest starts. */
const STAGES = ["/mnt", "/media", "/srv", "/tmp", "/run"];

/** A directory of the root to build the guest's own root on. @throws `ROOT_UNUSABLE` */
export function findStage(root: string): string {
  const stage = STAGES.find((path) => isDirectory(join(root, path)));
  if (stage !== undefined) return stage;
  throw codedError("ROOT_UNUSABLE", `${root} is no root file system: it has none of ${STAGES.join(", ")}.`, {
    hint: "Give --root a directory such as mmdebstrap or debootstrap makes.",
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
