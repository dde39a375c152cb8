import { codedError } from "@vm/command-plan";
import { INSTALL_OPTIONS, type InstallOption } from "./install-option.js";
import type { InstallOptions } from "./install-options.js";

const byKey: ReadonlyMap<string, InstallOption> = new Map(
  INSTALL_OPTIONS.map((option) => [option.key, option]),
);

/**
 * Takes parsed JSON for options. `source` names it in errors.
 * @throws `INSTALL_OPTION_INVALID` for a key that is no option, and for a value that the option does not take
 */
export function checkOptions(value: unknown, source: string): InstallOptions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${source}: expected an object of options, got ${describe(value)}`);
  }
  for (const [key, given] of Object.entries(value)) {
    if (key === "$schema") continue;
    const option = byKey.get(key);
    if (option === undefined) {
      throw invalid(`${source}: there is no option ${JSON.stringify(key)}`, {
        hint: `The options are ${[...byKey.keys()].join(", ")}.`,
      });
    }
    checkOption(option, given, `${source}: ${key}`);
  }
  return value;
}

/**
 * Whether an option takes a value.
 * @throws `INSTALL_OPTION_INVALID`, whose message begins with `name`
 */
export function checkOption(option: InstallOption, value: unknown, name: string): void {
  switch (option.type) {
    case "boolean":
      if (typeof value !== "boolean")
        throw invalid(`${name}: expected true or false, got ${describe(value)}`);
      return;
    case "string":
      checkString(option, value, name);
      return;
    case "string or true":
      if (value !== true) checkString(option, value, name);
      return;
    case "strings":
      if (!Array.isArray(value)) throw invalid(`${name}: expected a list, got ${describe(value)}`);
      for (const [index, each] of value.entries()) checkString(option, each, `${name}[${index}]`);
      return;
    default:
      option.type satisfies never;
  }
}

function checkString({ choices, pattern, expected }: InstallOption, value: unknown, name: string): void {
  if (typeof value !== "string") throw invalid(`${name}: expected a string, got ${describe(value)}`);
  if (choices !== undefined && !choices.includes(value)) {
    throw invalid(`${name}: expected ${choices.join(", ")}, got ${describe(value)}`);
  }
  if (pattern !== undefined && !wholly(pattern).test(value)) {
    throw invalid(`${name}: expected ${expected ?? "something else"}, got ${describe(value)}`);
  }
}

/** `$` of JavaScript, without the m flag, is the very end: a final newline does not pass. */
function wholly(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "u");
}

const SHOWN_LENGTH = 60;

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

/** An error about an option of the installation. */
export function invalid(
  message: string,
  { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {},
): Error {
  return codedError("INSTALL_OPTION_INVALID", message, {
    hint: hint ?? "arch-install --help explains the options.",
    ...(cause === undefined ? {} : { cause }),
  });
}
