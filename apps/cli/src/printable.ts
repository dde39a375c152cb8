/** Text with its control characters spelled out, as JSON does: a name may hold what would change the terminal, or the line. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- Control characters are what it looks for.
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    const spelled = JSON.stringify(character).slice(1, -1);
    return spelled === character
      ? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`
      : spelled;
  });
}
