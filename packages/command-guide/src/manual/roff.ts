/** Text of a line in roff's man macros: nothing in it is a request, and every sign is itself. Source: man(7), groff_char(7). */
export function roffText(text: string): string {
  const signs: Readonly<Record<string, string>> = {
    "\\": String.raw`\e`,
    "-": String.raw`\-`,
    "'": String.raw`\(aq`,
    "`": String.raw`\(ga`,
    "^": String.raw`\(ha`,
    "~": String.raw`\(ti`,
  };
  const escaped = text.replaceAll(/[\\'`^~-]/g, (sign) => signs[sign] ?? sign);
  return escaped.startsWith(".") ? String.raw`\&${escaped}` : escaped;
}

/** Text in bold, within a line. */
export function bold(text: string): string {
  return String.raw`\fB${roffText(text)}\fR`;
}

/** The word of a macro's line, in quotes. */
export function roffWord(text: string): string {
  return `"${roffText(text).replaceAll('"', String.raw`\(dq`)}"`;
}

/** Lines as they stand, such as an example. */
export function roffVerbatim(lines: readonly string[]): string[] {
  return [
    ".PP",
    ".RS 4",
    ".nf",
    ...lines.map((line) => (line === "" ? String.raw`\&` : roffText(line))),
    ".fi",
    ".RE",
  ];
}

/** The first line of a page. */
export function roffTitle(
  { name, section }: { readonly name: string; readonly section: number },
  { version, date }: Edition,
): string {
  return `.TH ${roffWord(name.toUpperCase())} ${section} "${date}" ${roffWord(`vm ${version}`)} "vm"`;
}

/** What all pages of a build have in common. `date`: ISO 8601, a day. */
export interface Edition {
  readonly version: string;
  readonly date: string;
}

/** The page: filled text in lines of at most 80 bytes, and no paragraph right behind a heading. */
export function roffPage(lines: readonly string[]): string {
  const out: string[] = [];
  let isFilled = true;
  for (const line of lines) {
    if (line === ".nf") isFilled = false;
    if (line === ".fi") isFilled = true;
    const isMacro = line.startsWith(".");
    if (line === ".PP" && /^\.(?:SH|SS|PP|TP|IP)/.test(out.at(-1) ?? "")) continue;
    if (/^\.(?:SH|SS|PP|TP|IP)/.test(line) && out.at(-1) === ".PP") out.pop();
    out.push(...(isFilled && !isMacro ? wrapped(line) : [line]));
  }
  if (out.at(-1) === ".PP") out.pop();
  return `${out.join("\n")}\n`;
}

function wrapped(line: string): string[] {
  const out: string[] = [];
  for (const word of line.split(/ +/).filter((each) => each !== "")) {
    const last = out.at(-1);
    if (last !== undefined && width(`${last} ${word}`) <= 78) out[out.length - 1] = `${last} ${word}`;
    else out.push(word);
  }
  return out.map((each) => (/^[.']/.test(each) ? String.raw`\&${each}` : each));
}

/** As mandoc counts: for it other signs than ASCII's are `\[u2026]`. */
function width(text: string): number {
  return text.replaceAll(/[^\0-\x7f]/gu, "12345678").length;
}
