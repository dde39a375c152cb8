import { manualPageOf } from "./help-topics.js";
import { bold, roffText, roffPage, roffTitle, roffVerbatim, roffWord, type Edition } from "./roff.js";

export interface DocumentPage {
  /** `vm-debugging` */
  readonly name: string;
  readonly section: 5 | 7;
  readonly about: string;
  /** The text of a page of docs/. */
  readonly text: string;
}

/** A page of docs/ as a manual page: of Markdown what these use. Rows of tables become paragraphs. */
export function documentPage({ name, section, about, text }: DocumentPage, edition: Edition): string {
  const lines = text.split("\n");
  const out = [
    roffTitle({ name, section }, edition),
    ".SH NAME",
    `${roffText(name)} \\- ${roffText(about)}`,
    ".SH DESCRIPTION",
  ];
  let header: string[] | undefined;
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) out.push(inline(paragraph.join(" ")));
    paragraph = [];
  };
  const part = (): void => {
    flush();
    if (!/^\.(?:SH|SS|PP)/.test(out.at(-1) ?? "")) out.push(".PP");
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const heading = /^(#+) (.*)$/.exec(line);
    const item = /^( *)(?:-|\d+\.) (.*)$/.exec(line);
    if (!line.startsWith("|")) header = undefined;
    if (/^ *```/.test(line)) {
      flush();
      dropPart(out);
      const end = lines.findIndex((each, index) => index > at && /^ *```/.test(each));
      out.push(...roffVerbatim(lines.slice(at + 1, end)), ".PP");
      at = end;
    } else if (/^ {4}\S/.test(line) && paragraph.length === 0) {
      const length = lines.slice(at).findIndex((each) => !/^ {4}|^$/.test(each));
      const end = length === -1 ? lines.length : at + length;
      dropPart(out);
      out.push(
        ...roffVerbatim(
          lines
            .slice(at, end)
            .join("\n")
            .trimEnd()
            .split("\n")
            .map((each) => each.slice(4)),
        ),
        ".PP",
      );
      at = end - 1;
    } else if (heading !== null) {
      flush();
      dropPart(out);
      // The first one is the page's own title.
      if (heading[1] === "##") out.push(`.SH ${roffWord(plain(heading[2] ?? "").toUpperCase())}`);
      else if (heading[1] !== "#") out.push(`.SS ${roffWord(plain(heading[2] ?? ""))}`);
    } else if (line.startsWith("|")) {
      flush();
      const cells = line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll(String.raw`\|`, "|"));
      if (header === undefined) header = cells;
      else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) out.push(...row(cells, header));
    } else if (item !== null) {
      flush();
      dropPart(out);
      out.push(String.raw`.IP \(bu 3`);
      paragraph = [item[2] ?? ""];
    } else if (line.trim() === "") {
      part();
    } else {
      paragraph.push(line.trim());
    }
  }
  flush();
  dropPart(out);
  return roffPage(out);
}

function dropPart(out: string[]): void {
  if (out.at(-1) === ".PP") out.pop();
}

function row([first = "", ...rest]: readonly string[], header: readonly string[]): string[] {
  const filled = rest
    .map((cell, at) => [header[at + 1] ?? "", cell] as const)
    .filter(([, cell]) => cell !== "");
  const texts = filled.map(([title, cell]) =>
    filled.length > 1 && title !== "" ? `${title}: ${cell}` : cell,
  );
  return [
    ".TP",
    inline(first) || String.raw`\&`,
    ...(texts.length === 0
      ? [String.raw`\&`]
      : texts.flatMap((text, at) => (at === 0 ? [inline(text)] : [".br", inline(text)]))),
  ];
}

/** Code and what is bold becomes bold; of links the words are left. */
function inline(text: string): string {
  const parts = unlinked(text).split(/(`[^`]+`|\*\*[^*]+\*\*)/);
  const said = parts
    .map((each) => {
      if (/^`.+`$/.test(each)) return bold(each.slice(1, -1));
      if (/^\*\*.+\*\*$/.test(each)) return bold(each.slice(2, -2));
      return roffText(each);
    })
    .join("");
  return said.startsWith(".") || said.startsWith("'") ? String.raw`\&${said}` : said;
}

function plain(text: string): string {
  return unlinked(text).replaceAll(/[`*]/g, "");
}

/** Another page of docs/ is a manual page. */
function unlinked(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, (_, words: string) =>
    words.replace(/^([\w-]+)\.md$/, (_page, name: string) => manualPage(name)),
  );
}

function manualPage(name: string): string {
  const page = manualPageOf(`${name}.md`);
  return page === undefined ? `${name}.md` : `${page.name}(${page.section})`;
}
