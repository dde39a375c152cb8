import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { KernelBuild } from "@vm/kernel-build";
import type { Host } from "../host.js";

/** The tree may have come from anywhere: its configuration names programs that git would start, and its hooks are some. */
const SILENT = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/** A tree of the kernel's size takes a second or two. */
const LIMIT_MS = 20_000;

/**
 * The commit of the sources beside a build, as `git describe` names it, with `-dirty` where files were changed; null where they are in no
 * repository of their own. It is that of now: the build may be of an earlier one.
 */
export function sourceCommit(build: KernelBuild, { env }: Pick<Host, "env">): Promise<string | null> {
  const { tree } = build;
  if (build.kind !== "build-tree" || tree === undefined) return Promise.resolve(null);
  const source = [join(tree, "source"), tree].find((path) => existsSync(join(path, ".git")));
  if (source === undefined) return Promise.resolve(null);
  return new Promise((resolve) => {
    execFile(
      "git",
      ["-C", source, ...SILENT, "describe", "--always", "--dirty"],
      { env: { ...env, GIT_OPTIONAL_LOCKS: "0" }, timeout: LIMIT_MS },
      (error, stdout) => {
        resolve(error === null && stdout.trim() !== "" ? stdout.trim() : null);
      },
    );
  });
}
