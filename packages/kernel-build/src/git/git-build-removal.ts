import { basename, dirname, join } from "node:path";
import { statSync } from "node:fs";
import type { Step } from "@vm/command-plan";
import { readableText } from "@vm/host-files";
import { oneGitAtATime, quietGit } from "./git-lock.js";
import { gitDirectory } from "./git-revision.js";

/** Takes the working tree of a build in the cache out of its repository's list. A git that will not is no reason not to go on. */
export function removalOfGitBuild(place: string): Step[] {
  const repository = readableText(join(place, "repository"))?.slice(0, -1);
  if (repository === undefined || statSync(repository, { throwIfNoEntry: false }) === undefined) return [];
  const git = [...oneGitAtATime(dirname(place), gitDirectory(repository)), ...quietGit, "-C", repository];
  const argv = [...git, "worktree", "remove", "-f", "-f", join(place, "source")];
  return [
    {
      kind: "run",
      argv: ["sh", "-c", '"$@" || echo "$0: git does not remove it" >&2', basename(place), ...argv],
    },
  ];
}
