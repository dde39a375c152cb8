import { spawnSync } from "node:child_process";
import { codedError, errorCode } from "@vm/command-plan";

/** A commit in a repository of the kernel. */
export interface GitRevision {
  /** The top of the repository's working tree. Absolute. */
  readonly repository: string;
  /** The directory that all working trees of the repository share, its `.git`. Absolute. */
  readonly shared: string;
  /** The full hash. */
  readonly commit: string;
}

/**
 * The commit that a name means (`v6.12`, `HEAD~3`) in the repository around `cwd`.
 * Throws NOT_A_KERNEL_REPOSITORY, GIT_REVISION_UNKNOWN, GIT_MISSING.
 */
export function findRevision(revision: string, cwd: string): GitRevision {
  const repository = git(cwd, ["rev-parse", "--show-toplevel"]);
  if (repository === null || repository === "") {
    throw codedError("NOT_A_KERNEL_REPOSITORY", `${cwd} is in no git working tree`, {
      hint: `Stand in the kernel's repository: git:${revision} is looked up there.`,
    });
  }
  const commit = git(cwd, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
  if (commit === null || revision === "") {
    throw codedError("GIT_REVISION_UNKNOWN", `${repository} has no commit that is called "${revision}"`, {
      hint: "`git log --oneline` and `git tag` show names; perhaps it has to be fetched first.",
    });
  }
  const files = git(cwd, ["ls-tree", "--name-only", "--full-tree", commit, "Kbuild", "Kconfig"]);
  if (files?.split("\n").length !== 2) {
    throw codedError(
      "NOT_A_KERNEL_REPOSITORY",
      `${revision} in ${repository} is no kernel source: it has no Kbuild and Kconfig`,
      {
        hint: "Stand in the kernel's repository.",
      },
    );
  }
  return { repository, shared: gitDirectory(repository), commit };
}

/** The directory that all working trees of a repository share; the repository itself where git does not tell. Throws GIT_MISSING. */
export function gitDirectory(repository: string): string {
  return git(repository, ["rev-parse", "--path-format=absolute", "--git-common-dir"]) ?? repository;
}

/** What git prints, without the newline at its end; null when it fails. */
function git(cwd: string, argv: readonly string[]): string | null {
  // Not imported: node:child_process costs milliseconds to load, and most runs ask no git.
  const run = spawnSync("git", argv, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  if (errorCode(run.error) === "ENOENT")
    throw codedError("GIT_MISSING", "git is not on this host", { hint: "Install git." });
  return run.status === 0 ? run.stdout.replace(/\n$/, "") : null;
}
