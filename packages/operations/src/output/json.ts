/** A value as one JSON document, with nothing in it that a terminal obeys. */
export function renderJson(value: unknown): string {
  // JSON itself escapes only a part of that.
  const text = JSON.stringify(value, undefined, 2).replaceAll(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return `${text}\n`;
}
