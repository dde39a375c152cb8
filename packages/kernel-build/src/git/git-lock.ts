import { join } from "node:path";
import { fingerprint, lockedArgv } from "@vm/host-files";

/**
 * What stands before a git that reads or writes the list of a repository's working trees: beside a `git worktree add` that has not
 * ended, others fail. `root`: the directory of the locks. `shared`: the repository's `gitDirectory`.
 */
export function oneGitAtATime(root: string, shared: string): readonly [string, ...string[]] {
  return lockedArgv(join(root, `${fingerprint(shared)}.lock`));
}

/** Git without the programs that a repository's configuration has it start: that may have come from anywhere. Filters make files what they are. */
export const quietGit = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"] as const;
