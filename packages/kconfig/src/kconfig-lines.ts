/** A statement of a Kconfig file: its text without blanks around, and the number of its first line. */
export interface LogicalLine {
  readonly line: number;
  readonly text: string;
}

/**
 * The statements of a Kconfig file: lines that end in a backslash are joined; comments, empty lines and help texts are
 * left out. A help text ends where the indentation is less than that of its first line.
 */
export function logicalLines(text: string): LogicalLine[] {
  const statements: LogicalLine[] = [];
  const lines = text.split("\n");
  let helpIndent: number | "next" | "no" = "no";
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let whole = lines[index] ?? "";
    const trimmed = whole.trim();
    if (trimmed === "") continue;
    if (helpIndent !== "no") {
      const indent = indentation(whole);
      if (helpIndent === "next" && indent > 0) helpIndent = indent;
      if (helpIndent !== "next" && indent >= helpIndent) continue;
      helpIndent = "no";
    }
    if (trimmed.startsWith("#")) continue;
    while (whole.endsWith("\\") && index + 1 < lines.length) {
      index += 1;
      whole = `${whole.slice(0, -1)} ${lines[index] ?? ""}`;
    }
    if (/^(?:help|---help---)\s*$/.test(trimmed)) helpIndent = "next";
    else statements.push({ line, text: whole.trim() });
  }
  return statements;
}

/** In columns; a tab goes to the next multiple of eight. */
function indentation(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === "\t") column = (Math.floor(column / 8) + 1) * 8;
    else if (character === " ") column += 1;
    else break;
  }
  return column;
}
