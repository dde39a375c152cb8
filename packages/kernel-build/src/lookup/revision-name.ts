const PREFIX = "git:";

/** Whether `-k NAME` is a commit of the kernel repository in the working directory, which is built first. */
export function isRevision(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The commit that `git:REVISION` names, as git takes it. */
export function revisionOf(name: string): string {
  return name.slice(PREFIX.length);
}

/** How `-k` names a commit; of none, how such a name begins. */
export function revisionName(revision: string): string {
  return `${PREFIX}${revision}`;
}
