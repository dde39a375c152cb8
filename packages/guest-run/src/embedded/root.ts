import { join } from "node:path";
import { codedError, type CodedError } from "@vm/command-plan";
import { isDirectory } from "@vm/host-files";
import { findGuest, runsPrograms } from "@vm/architectures";
import { fileInRoot, programArchitecture } from "./root-program.js";

/** Directories that every root has and nobody needs from the host for as long as the guest starts. */
const STAGES = ["/mnt", "/media", "/srv", "/tmp", "/run"];

/** A directory of the root to build the guest's own root on. @throws `ROOT_UNUSABLE` */
export function findStage(root: string): string {
  const stage = STAGES.find((path) => isDirectory(join(root, path)));
  const missing = ["/dev", "/proc"].filter((path) => !isDirectory(join(root, path)));
  if (stage !== undefined && missing.length === 0) return stage;
  const wanted = stage === undefined ? `none of ${STAGES.join(", ")}` : `no ${missing.join(", ")}`;
  throw codedError("ROOT_UNUSABLE", `${root} cannot be the guest's root: it has ${wanted}.`, {
    hint: "Make an empty directory of that name in it, or give --root a directory such as mmdebstrap makes.",
  });
}

/** Refuses a root whose programs the kernel cannot run: its shell is the guest's first program. @throws `ROOT_UNUSABLE` */
export function checkRootPrograms(root: string, arch: string): void {
  if (!isDirectory(root)) throw unusable(root, arch, "there is no such directory");
  const shell = fileInRoot(root, "/bin/sh");
  if (shell === undefined) throw unusable(root, arch, "it has no /bin/sh");
  const program = programArchitecture(shell);
  if (program === "unknown" || runsPrograms(arch, program)) return;
  throw unusable(root, arch, `its /bin/sh is a program for ${program}, the kernel is for ${arch}`);
}

/** What the guest's start needs, and a busybox for an initramfs. */
const PACKAGES = "base-files,dash,coreutils,grep,sed,util-linux,mount,kmod,iproute2,busybox-static";

function unusable(root: string, arch: string, reason: string): CodedError {
  const debian = findGuest(arch)?.debian ?? arch;
  return codedError("ROOT_UNUSABLE", `${root} cannot be the guest's root: ${reason}.`, {
    hint: `Give --root a root for ${arch}; this makes one: mmdebstrap --variant=extract --arch=${debian} --include=${PACKAGES} bookworm DIRECTORY`,
  });
}
