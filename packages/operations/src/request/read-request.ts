import { codedError } from "@vm/command-plan";
import { nearestName } from "@vm/command-plan";
import * as v from "valibot";
import type { Request } from "./request.js";
import { requestSchemas } from "./schema.js";

/**
 * Reads a request that came from outside: a file, a queue, an agent.
 *
 * @param json the text of a JSON document, or what JSON.parse has made of it
 * @param source what it is called in messages: `job.json`
 * @throws `REQUEST_INVALID`, with the field and what was expected
 */
export function readRequest(
  json: unknown,
  { source = "request" }: { readonly source?: string } = {},
): Request {
  const value = typeof json === "string" ? parse(json, source) : json;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(source, `expected an object, got ${describe(value)}`);
  }
  const operation: unknown = Object.hasOwn(value, "operation") ? Reflect.get(value, "operation") : undefined;
  if (!isOperation(operation)) throw unknownOperation(operation, source);
  const result = v.safeParse(requestSchemas[operation], value, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw ofIssue(result.issues[0], source);
}

const operations = Object.keys(requestSchemas);

function isOperation(name: unknown): name is Request["operation"] {
  return typeof name === "string" && Object.hasOwn(requestSchemas, name);
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("REQUEST_INVALID", `${source}: not a JSON document: ${reason}`, { cause });
  }
}

function unknownOperation(operation: unknown, source: string): Error {
  const near = typeof operation === "string" ? nearestName(operation, operations) : undefined;
  const got = operation === undefined ? "there is none" : `got ${describe(operation)}`;
  return invalid(`${source}: operation`, `expected the name of one, ${got}`, {
    hint: near === undefined ? `There are ${operations.join(", ")}.` : `Did you mean "${near}"?`,
    field: "operation",
  });
}

function ofIssue(issue: v.BaseIssue<unknown>, source: string): Error {
  const { path = [], kind, type, expected, message } = issue;
  // A check that two fields share is one of the object, whose `input` that is: the field's own value stands in its path.
  const last = path.at(-1);
  const input = last === undefined ? issue.input : last.value;
  const keys = path.map(({ key }) => key);
  const field = fieldName(keys);
  const place = field === "" ? source : `${source}: ${field}`;
  if (type === "strict_object" && expected === "never") {
    const near = nearestName(String(keys.at(-1)), message.split(", "));
    const hint = near === undefined ? `Known here: ${message}.` : `Did you mean "${near}"?`;
    return invalid(place, "unknown field", { hint, field });
  }
  // Checks and unions have a message of ours, which says what was expected.
  const wanted = kind === "validation" || type === "union" ? message : meaningOf(expected);
  const isMissing = input === undefined;
  return invalid(
    place,
    `expected ${isMissing && type === "strict_object" ? "a value" : wanted}, ${isMissing ? "and it is missing" : `got ${describe(input)}`}`,
    { field },
  );
}

/** valibot's `expected`, in words. */
function meaningOf(expected: string | null): string {
  switch (expected) {
    case null:
      return "another value";
    case "string":
      return "a text";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "Array":
      return "a list";
    case "Object":
      return "an object";
    default:
      return expected.replaceAll(/[()]/g, "").replaceAll(" | ", ", ");
  }
}

/** `guest.shares[0].path` */
function fieldName(keys: readonly unknown[]): string {
  return keys
    .map((key, index) =>
      typeof key === "number" ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`,
    )
    .join("");
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null) return "null";
  if (typeof value === "object") return "an object";
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return JSON.stringify(value);
  return typeof value;
}

function invalid(
  place: string,
  problem: string,
  { hint, field = "" }: { readonly hint?: string; readonly field?: string } = {},
): Error {
  const error = codedError("REQUEST_INVALID", `${place}: ${problem}`, hint === undefined ? {} : { hint });
  return Object.assign(error, { field });
}
