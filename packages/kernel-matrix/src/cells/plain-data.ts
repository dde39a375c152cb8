/*
 * Data of a run as JSON and back: bytes, times and large numbers have a mark. What has no form here is refused, and never quietly changed.
 */

type Marked = { readonly $bytes: string } | { readonly $time: string } | { readonly $bigint: string };

/** The JSON text of plain data that may hold bytes, dates and bigints. @throws `TypeError` for anything else */
export function toPlainText(value: unknown): string {
  return JSON.stringify(mark(value));
}

/** What `toPlainText` was given. @throws `SyntaxError` */
export function fromPlainText(text: string): unknown {
  return unmark(JSON.parse(text));
}

function mark(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "bigint") return { $bigint: String(value) } satisfies Marked;
  if (typeof value === "object") return markObject(value);
  throw new TypeError(
    `a ${typeof value === "number" ? "number that is not finite" : typeof value} has no form in JSON`,
  );
}

function markObject(value: object | null): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((each) => mark(each));
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") } satisfies Marked;
  if (value instanceof Date) return { $time: value.toISOString() } satisfies Marked;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`a ${value.constructor.name} has no form in JSON`);
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  if (fields.some(([key]) => key.startsWith("$"))) throw new TypeError("a field's name begins with $");
  return Object.fromEntries(fields.map(([key, each]) => [key, mark(each)]));
}

function unmark(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => unmark(each));
  const fields = Object.entries(value);
  const [[key, content] = ["", undefined]] = fields;
  if (fields.length === 1 && typeof content === "string") {
    if (key === "$bytes") return Buffer.from(content, "base64");
    if (key === "$time") return new Date(content);
    if (key === "$bigint") return BigInt(content);
  }
  return Object.fromEntries(fields.map(([name, each]) => [name, unmark(each)]));
}
