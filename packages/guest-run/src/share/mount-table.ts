/** One line of fstab(5). */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

/** fstab(5): what would end a field or the line is an octal escape; any other byte stands for itself. */
export function renderMountTable(mounts: readonly Mount[]): string {
  return mounts
    .map(
      ({ source, target, type, options }) =>
        `${[source, target, type, options].map(escapeField).join(" ")} 0 0\n`,
    )
    .join("");
}

/**
 * libmount (tab_parse.c) separates fields by blanks and tabs, a line by a newline, and a comment begins with `#`. It knows
 * no other blank: `\s` would be those of Unicode, whose bytes are several. What C's isspace(3) takes for one is escaped
 * as well.
 */
function escapeField(field: string): string {
  return field.replace(
    /[\t\n\v\f\r \\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
