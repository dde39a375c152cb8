/** One line of fstab(5). */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

/** fstab(5): blanks, tabs, newlines and backslashes in a field are octal escapes. */
export function renderMountTable(mounts: readonly Mount[]): string {
  return mounts
    .map(
      ({ source, target, type, options }) =>
        `${[source, target, type, options].map(escapeField).join(" ")} 0 0\n`,
    )
    .join("");
}

function escapeField(field: string): string {
  return field.replace(
    /[\s\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
