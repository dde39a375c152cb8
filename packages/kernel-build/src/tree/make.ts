import { spawnSync } from "node:child_process";
import { codedError } from "@vm/command-plan";
import { foreignOwner, foreignWriter } from "@vm/host-files";
import type { Lookup } from "../lookup/kernel-location.js";
import { kindOf } from "../lookup/kernel-location.js";

/**
 * Asks the tree's own `make -s image_name`; null when there is no answer. A foreign tree needs its ARCH, and standard
 * input is empty, as an outdated .config asks questions (kernels before 993bdde94547).
 *
 * A Makefile is a program: that of another user's tree, or where the caller says no, is not run (null), and none is in a dry run (throws KERNEL_NOT_PREPARED).
 */
export function askImageName(
  tree: string,
  arch: string,
  { prepare, mayMake }: Pick<Lookup, "mayMake" | "prepare">,
): string | null {
  const makefile = `${tree}/Makefile`;
  if (kindOf(makefile) !== "file" || isForeign(tree) || mayMake?.(tree) === false) return null;
  if (prepare === "never") {
    throw codedError("KERNEL_NOT_PREPARED", `the Makefile of ${tree} has to be asked where its image is`, {
      hint: "Name the image itself, or run the command without --dry-run.",
    });
  }
  // Not imported: node:child_process costs milliseconds to load, and `make` is hardly ever asked.
  const make = spawnSync("make", ["-s", `ARCH=${arch}`, "image_name"], {
    cwd: tree,
    // It is the build tree already.
    env: { ...process.env, KBUILD_OUTPUT: "" },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 10_000,
  });
  if (make.status !== 0) return null;
  const name = make.stdout.trim().split("\n").at(-1) ?? "";
  return name === "" ? null : name;
}

/** Whether another user could have written what make would run. A directory of `make O=` has a Makefile that includes the source's. */
export function isForeign(tree: string): boolean {
  return foreignPart([tree, `${tree}/source`]) !== null;
}

/** What another user owns or can write to of what make would run in these directories, and who, in words; null where there is nothing. */
export function foreignPart(directories: readonly string[]): string | null {
  for (const path of directories.flatMap((directory) => [directory, `${directory}/Makefile`])) {
    const owner = foreignOwner(path);
    if (owner !== undefined) return `${path} belongs to another user (uid ${owner})`;
    if (foreignWriter(path) !== undefined) return `other users can write to ${path}`;
  }
  return null;
}
