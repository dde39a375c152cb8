import { codedError } from "@vm/command-plan";

/** An element of an XML document, as data. */
export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Elements, or a text alone. */
  readonly content?: string | readonly Element[];
}

/** Writes an element with what is in it, indented. @throws `LIBVIRT_UNWRITABLE` for a character that XML 1.0 has no way to write */
export function renderXml({ name, attributes = {}, content = [] }: Element, indent = ""): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const start = `${indent}<${name}${written.join("")}`;
  if (typeof content === "string") return `${start}>${escapeXml(content)}</${name}>\n`;
  if (content.length === 0) return `${start}/>\n`;
  return `${start}>\n${content.map((each) => renderXml(each, `${indent}  `)).join("")}${indent}</${name}>\n`;
}

/** What XML 1.0 cannot hold, not even as a reference. Source: its production 2, Char. */
// oxlint-disable-next-line no-control-regex -- They are what it looks for.
const unwritable = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/u;

/**
 * A text for an attribute or an element. Line breaks and tabs are references, since a reader makes spaces of them in an attribute; so are
 * characters that a terminal would obey, and spaces at the ends.
 */
function escapeXml(text: string): string {
  const bad = unwritable.exec(text)?.[0];
  if (bad !== undefined) {
    const point = bad.codePointAt(0) ?? 0;
    throw codedError(
      "LIBVIRT_UNWRITABLE",
      `${JSON.stringify(text)}: XML has no way to write the character U+${point.toString(16).toUpperCase().padStart(4, "0")}`,
      { hint: "Leave it out, or give the file another name." },
    );
  }
  return text.replaceAll(
    /[&<>"'\t\n\r\x7f-\x9f\u2028-\u202e\u2066-\u2069]|^ | $/gu,
    (character) => references[character] ?? `&#${character.codePointAt(0) ?? 0};`,
  );
}

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
