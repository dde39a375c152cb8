import type { JsonValue } from "./option.js";

/** A number as its digits stand in the text: JavaScript's own holds 53 bits of them, QEMU's 64. */
export interface JsonNumber {
  readonly digits: string;
}

/** JSON with nothing lost: members in their order, numbers as written. */
export type JsonNode = string | boolean | null | JsonNumber | JsonNode[] | Map<string, JsonNode>;

/** QEMU's own limit (qobject/json-parser.c, MAX_NESTING). */
const DEEPEST = 1024;

/**
 * JSON as QEMU reads it (qobject/json-lexer.c): RFC 8259's, and strings in single quotes, in which `\'` is a quote. Undefined for
 * what QEMU refuses, a key that stands twice in an object included.
 */
export function parseJson(text: string): JsonNode | undefined {
  const reader = { text, at: 0 };
  const node = readNode(reader, 0);
  skipSpace(reader);
  return node !== undefined && reader.at === text.length ? node : undefined;
}

/** Writes it as JSON.stringify would. */
export function renderJson(node: JsonNode): string {
  if (Array.isArray(node)) return `[${node.map(renderJson).join(",")}]`;
  if (node instanceof Map) {
    return `{${[...node].map(([key, value]) => `${JSON.stringify(key)}:${renderJson(value)}`).join(",")}}`;
  }
  return isNumber(node) ? node.digits : JSON.stringify(node);
}

/** The digits of a number: all of an integer's, where JSON.stringify rounds it to 17 and fills up with zeros. */
export function renderNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(BigInt(value)) : JSON.stringify(value);
}

/** The node of a value. Undefined for what JSON cannot hold: Infinity, NaN, and nesting that never ends. */
export function jsonNode(value: JsonValue, depth: number = 0): JsonNode | undefined {
  if (depth > DEEPEST) return undefined;
  if (typeof value === "bigint") return { digits: String(value) };
  if (typeof value === "number") return Number.isFinite(value) ? { digits: renderNumber(value) } : undefined;
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) {
    const items = value.map((item) => jsonNode(item, depth + 1));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const members = new Map<string, JsonNode>();
  for (const [key, member] of Object.entries(value)) {
    // JSON.stringify leaves these out, and so does an optional member of a literal.
    if (member === undefined) continue;
    const node = jsonNode(member, depth + 1);
    if (node === undefined) return undefined;
    members.set(key, node);
  }
  return members;
}

/** The value of a node, whose numbers are rounded to what JavaScript's hold. */
export function jsonValue(node: JsonNode): JsonValue {
  if (Array.isArray(node)) return node.map(jsonValue);
  if (node instanceof Map) {
    return Object.fromEntries([...node].map(([key, value]) => [key, jsonValue(value)]));
  }
  return isNumber(node) ? Number(node.digits) : node;
}

export function isNumber(node: JsonNode): node is JsonNumber {
  return typeof node === "object" && node !== null && "digits" in node;
}

/** Array.isArray does not narrow a readonly array. */
function isArray(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

interface Reader {
  readonly text: string;
  at: number;
}

function skipSpace(reader: Reader): void {
  while (" \t\r\n".includes(reader.text[reader.at] ?? "x")) reader.at += 1;
}

/** Whether the next character that is no space is this one; if so it is taken. */
function take(reader: Reader, character: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function readNode(reader: Reader, depth: number): JsonNode | undefined {
  if (depth > DEEPEST) return undefined;
  if (take(reader, "{")) return readObject(reader, depth);
  if (take(reader, "[")) return readArray(reader, depth);
  const { text, at } = reader;
  if (text[at] === '"' || text[at] === "'") return readString(reader);
  for (const [word, value] of Object.entries({ true: true, false: false, null: null })) {
    if (text.startsWith(word, at)) {
      reader.at += word.length;
      return value;
    }
  }
  numberToken.lastIndex = at;
  const digits = numberToken.exec(text)?.[0];
  if (digits === undefined) return undefined;
  reader.at += digits.length;
  return { digits };
}

const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readObject(reader: Reader, depth: number): JsonNode | undefined {
  const members = new Map<string, JsonNode>();
  if (take(reader, "}")) return members;
  do {
    skipSpace(reader);
    const key = readString(reader);
    if (key === undefined || members.has(key) || !take(reader, ":")) return undefined;
    const value = readNode(reader, depth + 1);
    if (value === undefined) return undefined;
    members.set(key, value);
  } while (take(reader, ","));
  return take(reader, "}") ? members : undefined;
}

function readArray(reader: Reader, depth: number): JsonNode | undefined {
  const items: JsonNode[] = [];
  if (take(reader, "]")) return items;
  do {
    const item = readNode(reader, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
  } while (take(reader, ","));
  return take(reader, "]") ? items : undefined;
}

const doubleQuoted = /"(?:[^"\\]|\\.)*"/sy;
const singleQuoted = /'(?:[^'\\]|\\.)*'/sy;

function readString(reader: Reader): string | undefined {
  const { text, at } = reader;
  const token = text[at] === "'" ? singleQuoted : doubleQuoted;
  token.lastIndex = at;
  const quoted = token.exec(text)?.[0];
  if (quoted === undefined) return undefined;
  reader.at += quoted.length;
  // JSON.parse knows the other escapes, and refuses what QEMU refuses: line breaks and other control characters.
  const inside = quoted
    .slice(1, -1)
    .replaceAll(/\\.|"/gs, (part) => (part === '"' ? '\\"' : part === "\\'" ? "'" : part));
  try {
    const value: unknown = JSON.parse(`"${inside}"`);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
