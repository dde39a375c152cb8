/** What the kernel takes from the front of a command line. */
export interface KernelArg {
  /** `name` or `name=value`, the quotes that the kernel removes removed. */
  readonly parameter: string;
  readonly rest: string;
  readonly unclosedQuote: boolean;
  /** A character outside quotes one of whose UTF-8 bytes the kernel takes for a space. */
  readonly cutCharacter?: string;
}

/**
 * The kernel's next_arg (lib/cmdline.c) on a string, with its oddities: a quote counts anywhere but is removed only from
 * the front of the parameter or of the value, and then also from the very end; an `=` in first place does not end a name.
 * Undefined when only white space is left.
 */
export function nextKernelArg(text: string): KernelArg | undefined {
  const args = text.replace(leadingSpace, "");
  if (args === "") return undefined;
  const quoted = args.startsWith('"');
  const from = quoted ? 1 : 0;
  let inQuote = quoted;
  let equals = -1;
  let end = from;
  let cutCharacter: string | undefined;
  for (const character of args.slice(from)) {
    if (!inQuote && isSpace(character)) break;
    if (!inQuote && cutCharacter === undefined && holdsSpaceByte(character)) cutCharacter = character;
    if (equals === -1 && character === "=" && end > from) equals = end;
    if (character === '"') inQuote = !inQuote;
    end += character.length;
  }
  return {
    parameter: unquote(args.slice(from, end), equals === -1 ? -1 : equals - from, quoted),
    rest: args.slice(end).replace(leadingSpace, ""),
    unclosedQuote: inQuote,
    ...(cutCharacter === undefined ? {} : { cutCharacter }),
  };
}

function unquote(raw: string, equals: number, quoted: boolean): string {
  const cutEnd = raw.endsWith('"') ? raw.slice(0, -1) : raw;
  if (equals !== -1 && raw[equals + 1] === '"') {
    // A value that is one quote alone is both its first and its last: the kernel leaves nothing of it.
    return raw.slice(0, equals + 1) + cutEnd.slice(equals + 2);
  }
  return quoted ? cutEnd : raw;
}

/** The kernel's isspace() below 0x80. Its 0xA0 is a byte, never a character of UTF-8: see holdsSpaceByte. */
const leadingSpace = /^[\t-\r ]+/;

function isSpace(character: string): boolean {
  return character === " " || (character >= "\t" && character <= "\r");
}

/** Whether the character's UTF-8 has the byte 0xA0, which the kernel's isspace() takes for a space (lib/ctype.c). */
function holdsSpaceByte(character: string): boolean {
  // In UTF-8 each byte after the first carries six bits, under 10: 0xA0 is 100000.
  let bits = character.codePointAt(0) ?? 0;
  if (bits < 0x80) return false;
  let following = bits < 0x800 ? 1 : bits < 0x10000 ? 2 : 3;
  while (following > 0) {
    if ((bits & 0x3f) === 0x20) return true;
    bits >>= 6;
    following -= 1;
  }
  return false;
}
