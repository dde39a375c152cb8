// Why this exists: import() of even an empty .mjs starts Node's ES module loader: 7 ms, 0.3 of a bare Node start, where a
// whole `vm run --dry-run` may cost half of one. A config module is nearly always plain literals, and those are read here in
// 1 ms. Whatever is outside this small grammar is left to import(), so nothing that JavaScript allows is lost; a property
// test compares both.

/** What a literal can say: JSON, with JavaScript's spelling. */
export type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal };

/** Thrown, and caught below, where the text leaves the grammar: no error of the person's. */
const OUTSIDE = Symbol("outside the literal grammar");

/** Spaces, ends of lines, and comments of both kinds. */
const SKIPPED = /(?:[ \t\v\f\u00a0\n\r\u2028\u2029]+|\/\/[^\n\r\u2028\u2029]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;
const LINE_END = /[\n\r\u2028\u2029]/;
const NOT_PLAIN = /[\\\n\r]/;
const DECLARATION = /export[ \t]+const[ \t]+([A-Za-z_$][\w$]*)[ \t]*=/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?![\w$.])/y;
const WORD = /(?:true|false|null)(?![\w$])/y;
const KEY = /[A-Za-z_$][\w$]*(?![\w$\\])/y;
/** A run of characters that stand for themselves in a string of either kind. */
const PLAIN = /[^"'\\\r\n]+/y;
const ESCAPE = /\\(?:([bfnrtv'"\\/])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\})/y;

const ESCAPED = new Map(Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }));

/**
 * The exports of a module that consists of nothing but comments and `export const NAME = LITERAL;` with a name of `names`,
 * each once; `undefined` for any other text, valid or not.
 */
export function readLiteralModule(
  text: string,
  names: readonly string[],
): Record<string, Literal> | undefined {
  try {
    return readModule(text, names).exports;
  } catch (error) {
    if (error === OUTSIDE) return undefined;
    throw error;
  }
}

/** An item of an exported list, and where it stands in the text. */
export interface Located {
  readonly value: Literal;
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

/** Where the items of an exported list stand; undefined where the text is outside of the grammar, or has no such list. */
export function locateItems(
  text: string,
  names: readonly string[],
  name: string,
): { readonly items: readonly Located[]; readonly open: number } | undefined {
  try {
    return readModule(text, names).lists.get(name);
  } catch (error) {
    if (error === OUTSIDE) return undefined;
    throw error;
  }
}

interface ReadModule {
  readonly exports: Record<string, Literal>;
  readonly lists: ReadonlyMap<string, { readonly items: readonly Located[]; readonly open: number }>;
}

function readModule(text: string, names: readonly string[]): ReadModule {
  const lists = new Map<string, { readonly items: readonly Located[]; readonly open: number }>();
  const exports: Record<string, Literal> = {};
  let position = 0;

  function match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (found !== null) position = pattern.lastIndex;
    return found;
  }

  /** Skips spaces and comments. */
  function skip(): void {
    SKIPPED.lastIndex = position;
    SKIPPED.test(text);
    position = SKIPPED.lastIndex;
  }

  function take(character: string): boolean {
    skip();
    if (text[position] !== character) return false;
    position++;
    return true;
  }

  function readString(): string {
    const quote = text[position++] ?? "";
    // Nearly every string stands for itself.
    const end = text.indexOf(quote, position);
    const whole = end < 0 ? outside() : text.slice(position, end);
    if (!NOT_PLAIN.test(whole)) {
      position = end + 1;
      return whole;
    }
    let value = "";
    for (;;) {
      const character = text[position];
      if (character === quote) {
        position++;
        return value;
      }
      if (character === '"' || character === "'") {
        value += character;
        position++;
        continue;
      }
      const plain = match(PLAIN);
      value += plain === null ? readEscape() : plain[0];
    }
  }

  function readEscape(): string {
    const [, letter, hex, unicode, codePoint] = match(ESCAPE) ?? outside();
    if (letter !== undefined) return ESCAPED.get(letter) ?? letter;
    if (codePoint === undefined) return String.fromCharCode(Number.parseInt(hex ?? unicode ?? "", 16));
    const code = Number.parseInt(codePoint, 16);
    return code > 0x10ffff ? outside() : String.fromCodePoint(code);
  }

  function readArray(onItem?: (value: Literal, start: number) => void): Literal[] {
    const items: Literal[] = [];
    position++;
    while (!take("]")) {
      const start = position;
      const value = readValue();
      items.push(value);
      onItem?.(value, start);
      if (!take(",") && !isNext("]")) outside();
    }
    return items;
  }

  function readObject(): Record<string, Literal> {
    const object: Record<string, Literal> = {};
    position++;
    while (!take("}")) {
      const quoted = text[position] === '"' || text[position] === "'";
      const key = quoted ? readString() : (match(KEY) ?? outside())[0];
      if (key === "__proto__") outside();
      if (!take(":")) outside();
      object[key] = readValue();
      if (!take(",") && !isNext("}")) outside();
    }
    return object;
  }

  function isNext(character: string): boolean {
    skip();
    return text[position] === character;
  }

  function readValue(): Literal {
    skip();
    const first = text[position];
    if (first === "[") return readArray();
    if (first === "{") return readObject();
    if (first === '"' || first === "'") return readString();
    const word = match(WORD)?.[0];
    if (word !== undefined) return word === "null" ? null : word === "true";
    return Number((match(NUMBER) ?? outside())[0]);
  }

  function readExport(name: string): Literal {
    skip();
    if (text[position] !== "[") return readValue();
    const located: Located[] = [];
    const open = position + 1;
    const list = readArray((value, start) => located.push({ value, start, end: position }));
    lists.set(name, { items: located, open });
    return list;
  }

  skip();
  while (position < text.length) {
    const [, name = ""] = match(DECLARATION) ?? outside();
    if (!names.includes(name) || Object.hasOwn(exports, name)) outside();
    exports[name] = readExport(name);
    const end = position;
    skip();
    if (text[position] === ";") position++;
    else if (position < text.length && !LINE_END.test(text.slice(end, position))) outside();
    skip();
  }
  return { exports, lists };
}

function outside(): never {
  throw OUTSIDE;
}
