import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { execute } from "@vm/command-plan";
import { daysUnused, isFile, keptDays, readableText } from "@vm/host-files";
import { removalOfGitBuild } from "./git-build-removal.js";

/** Removes what was not used for 30 days, and what belongs to a repository that is gone. */
export async function pruneBuilds(root: string, kept: string): Promise<void> {
  for (const directory of directoriesIn(root)) {
    const place = join(root, directory);
    if (place === kept) continue;
    const repository = repositoryOf(place);
    if (repository === undefined) continue;
    const marks = ["repository", "built"].map((name) => join(place, name)).filter(isFile);
    const isThere = statSync(repository, { throwIfNoEntry: false }) !== undefined;
    if (Math.min(...marks.map(daysUnused)) < (isThere ? keptDays : 1)) continue;
    await execute(removalOfGitBuild(place), { stdio: ["ignore", "ignore", "ignore"] });
    rmSync(place, { recursive: true, force: true });
  }
}

/** Undefined where no build was begun, or another `vm` removes it now. */
function repositoryOf(place: string): string | undefined {
  return readableText(join(place, "repository"))?.slice(0, -1);
}

function directoriesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
