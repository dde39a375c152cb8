/**
 * Text that is not ours, of a guest or of a file, for a person's eyes: no terminal sequence and no control character but newline
 * and tab is left in it. Sequences of colours and cursor movements go; other controls become their picture (U+2400 and on: `␇`).
 */
export function plainText(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(TERMINAL_SEQUENCES, "")
    .replace(CONTROLS, (control) => {
      const code = control.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return code === 0x7f ? "\u2421" : "\ufffd";
    });
}

/** The same in one line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll("\n", "\u240a").replaceAll("\t", " ");
}

/** CSI ... letter, OSC ... BEL or ST, and two-byte escapes. Source: ECMA-48, ctlseqs of xterm. */
const TERMINAL_SEQUENCES =
  // oxlint-disable-next-line no-control-regex -- They are what it looks for.
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-Z\\^-~])/g;

// Also what XML 1.0 forbids: surrogates without their other half, U+FFFE and U+FFFF; and what would turn a line around
// (bidirectional controls).
const CONTROLS =
  // oxlint-disable-next-line no-control-regex -- They are what it looks for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
