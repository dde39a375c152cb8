import { statSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";

/** Directories that every root has and nobody needs from the host for as long as the guest starts. */
const STAGES = ["/mnt", "/media", "/srv", "/tmp", "/run"];

/** A directory of the root to build the guest's own root on. @throws `ROOT_UNUSABLE` */
export function findStage(root: string): string {
  const stage = STAGES.find((path) => isDirectory(join(root, path)));
  const missing = ["/dev", "/proc"].filter((path) => !isDirectory(join(root, path)));
  if (stage !== undefined && missing.length === 0) return stage;
  const wanted = stage === undefined ? `none of ${STAGES.join(", ")}` : `no ${missing.join(", ")}`;
  throw codedError("ROOT_UNUSABLE", `${root} can not be the guest's root: it has ${wanted}.`, {
    hint: "Make an empty directory of that name in it, or give --root a directory such as mmdebstrap makes.",
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
