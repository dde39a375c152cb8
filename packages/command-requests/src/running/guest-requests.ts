import type { LogsRequest, QmpRequest, WaitRequest } from "@vm/operations";
import type { DryRun } from "../caller.js";
import { parseDuration } from "../option-values.js";
import { usageError } from "../usage-error.js";

export interface WaitOptions extends DryRun {
  readonly for: string;
  readonly timeout?: string;
  readonly json?: true;
}

const events: readonly WaitRequest["event"][] = ["up", "exit", "panic"];

/** `vm wait NAME --for EVENT` @throws USAGE */
export function waitRequest(guest: string, { for: text, timeout }: WaitOptions): WaitRequest {
  const event = events.find((known) => known === text);
  if (event === undefined) throw usageError(`--for: expected ${events.join(", ")}, got '${text}'`);
  return {
    operation: "wait",
    guest,
    event,
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
  };
}

export interface LogsOptions extends DryRun {
  readonly follow?: true;
}

/** `vm logs NAME` */
export function logsRequest(guest: string, { follow }: LogsOptions): LogsRequest {
  return { operation: "logs", guest, follow: follow === true ? "yes" : "no" };
}

/** `vm qmp NAME COMMAND [JSON]` @throws USAGE */
export function qmpRequest(guest: string, command: string, json: string | undefined): QmpRequest {
  return {
    operation: "qmp",
    guest,
    command,
    ...(json === undefined ? {} : { arguments: parseArguments(json) }),
  };
}

function parseArguments(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError(`the arguments are no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usageError(`the arguments of a command are a JSON object, got ${text}`);
  }
  return { ...value };
}
