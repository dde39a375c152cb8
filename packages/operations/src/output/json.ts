/** A value as one JSON document, with nothing in it that a terminal obeys. */
export function renderJson(value: unknown): string {
  return `${withoutControls(JSON.stringify(value, undefined, 2))}\n`;
}

/** The same in one line. */
export function renderJsonLine(value: unknown): string {
  return `${withoutControls(JSON.stringify(value))}\n`;
}

/** JSON itself escapes only a part of what a terminal obeys. */
function withoutControls(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
