import { paintedLine, type ReportWords } from "@vm/operations";
import { errorCode, plainLine, plainText, writeAll } from "@vm/command-plan";

/** Thrown when whoever read our standard output has gone: not worth a message. */
export const outputClosed = "OUTPUT_CLOSED";

interface Manner {
  isQuiet: boolean;
  isVerbose: boolean;
  hasColours: boolean;
}

declare global {
  // Each command is a bundle with its own copy of this file: what all of them share is the process's.
  var vmManner: Manner | undefined;
}

/** How this run speaks: `--quiet`, `--verbose`, `--no-color`. Only the bin changes it. */
export const manner: Manner = (globalThis.vmManner ??= {
  isQuiet: false,
  isVerbose: false,
  hasColours: true,
});

/** Whether what goes to a terminal, or to none, has colours. Source of NO_COLOR: no-color.org */
export function coloursFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): "colours" | "plain" {
  return stream.isTTY === true && manner.hasColours && !env["NO_COLOR"] ? "colours" : "plain";
}

/** Writes the product: everything is written when this returns. @throws `OUTPUT_CLOSED`, `OUTPUT_LOST` */
export function writeOutput(text: string): void {
  writeBytes(text);
}

/** The same for what is no text. */
export function writeBytes(text: string | Uint8Array): void {
  try {
    writeAll(1, text);
  } catch (error) {
    if (errorCode(error) !== "EPIPE") throw lost("standard output", error);
    throw Object.assign(new Error("standard output was closed"), { code: outputClosed });
  }
}

/**
 * Writes lines for the person, as text of a guest may stand in them: no control of the terminal goes through. A reader that has
 * gone loses them, and nothing else. @throws `OUTPUT_LOST`
 */
export function writeError(text: string): void {
  writePlain(plainText(text));
}

function writePlain(text: string): void {
  try {
    writeAll(2, text);
  } catch (error) {
    if (errorCode(error) !== "EPIPE") throw lost("standard error", error);
  }
}

/** Writes a report for the person, in colours or without. @throws `OUTPUT_LOST` */
export function writeReport(words: readonly ReportWords[], colours: "colours" | "plain"): void {
  writePlain(words.map((line) => `${paintedLine(line, colours)}\n`).join(""));
}

/** Writes one line for the person, as `vm: text`. @throws `OUTPUT_LOST` */
export function writeNotice(text: string): void {
  writeError(`vm: ${plainLine(text)}\n`);
}

/** Writes what is good to know and no more, which `--quiet` leaves out. @throws `OUTPUT_LOST` */
export function writeRemark(text: string): void {
  if (!manner.isQuiet) writeNotice(text);
}

function lost(what: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return Object.assign(new Error(`${what} could not be written: ${reason}`, { cause }), {
    code: "OUTPUT_LOST",
  });
}
