import { codedError, quoteBytes } from "@vm/command-plan";

/**
 * The command that a file of tests stands for. The guest's sh reads a file for it as it is; one whose first line names another
 * interpreter (`#!/usr/bin/env python3`, `#!/bin/sh -e`) is written to a temporary file in the guest and handed to that one.
 *
 * @param name for messages and the temporary file: the file's own
 * @throws `TEST_INVALID` for a file with a NUL byte: no shell reads it
 */
export function fileCommand(content: Uint8Array, name: string): Buffer {
  const bytes = Buffer.from(content);
  if (bytes.includes(0)) {
    throw codedError("TEST_INVALID", `${name} is no script: it holds a NUL byte.`, {
      hint: "To run a program, write --exec /path/of/it.",
    });
  }
  const interpreter = interpreterOf(bytes);
  if (interpreter === null) return bytes;
  // In a directory of its own (`mktemp -d`): the script keeps its name in messages, and `$(dirname "$0")` holds nothing else.
  return Buffer.concat([
    Buffer.from("vm_script=$(mktemp -d)/"),
    quoteBytes(Buffer.from(name.replaceAll("/", "_"))),
    Buffer.from(" && printf %s "),
    quoteBytes(bytes),
    Buffer.from(' >"$vm_script" && chmod 700 "$vm_script" && exec '),
    ...interpreter.map((word) => Buffer.concat([quoteBytes(word), Buffer.from(" ")])),
    Buffer.from('"$vm_script"\n'),
  ]);
}

/** Paths under which the guest's own sh is asked for. */
const PLAIN_SHELLS: ReadonlySet<string> = new Set(["/bin/sh", "/usr/bin/sh", "/usr/bin/env sh"]);

/**
 * The interpreter and its argument, or null for the guest's sh. As Linux reads the line: what follows the interpreter's name
 * is one argument. Source: fs/binfmt_script.c.
 */
function interpreterOf(bytes: Buffer): Buffer[] | null {
  if (bytes.subarray(0, 2).toString("latin1") !== "#!") return null;
  const end = bytes.indexOf(0x0a);
  const line = bytes
    .subarray(2, end === -1 ? undefined : end)
    .toString("latin1")
    .replace(/^[ \t]+|[ \t\r]+$/g, "");
  if (line === "" || PLAIN_SHELLS.has(line)) return null;
  const [, program = "", argument] = /^([^ \t]+)(?:[ \t]+(.*))?$/.exec(line) ?? [];
  return [program, ...(argument === undefined ? [] : [argument])].map((word) => Buffer.from(word, "latin1"));
}
