import { homedir, hostname, release, tmpdir, userInfo } from "node:os";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The program whose bug it may be. */
export interface BuggyProgram {
  /** The directory of its own code. Absolute. */
  readonly code: string;
  /** What is said of its version. */
  readonly version: string;
  /** Where bugs are told; undefined where nobody has said it. */
  readonly bugsUrl: string | undefined;
}

/**
 * The fault of this program that an error is, or that it was made of. What is thrown on purpose has a code: ours, the system's
 * (`ENOENT`) or commander's; `ERR_...` is Node's for misuse. What a configuration does wrong after it was loaded has its own file
 * on top of the stack.
 *
 * @param code the directory of the program's own code
 */
export function findBug(error: unknown, code: string): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const hasCode = "code" in error && !String(error.code).startsWith("ERR_");
  return !hasCode && isOwn(error, code) ? error : findBugBehind(error.cause, code);
}

/** Behind an error with a code there are plain errors, of which it is the sentence; those of the language itself are none. */
function findBugBehind(cause: unknown, code: string): Error | undefined {
  if (!(cause instanceof Error)) return undefined;
  const isOfLanguage = (cause instanceof TypeError || cause instanceof ReferenceError) && !("code" in cause);
  return isOfLanguage && isOwn(cause, code) ? cause : findBugBehind(cause.cause, code);
}

function isOwn({ stack }: Error, code: string): boolean {
  const frames = stack?.split("\n").filter((line) => /^ +at /.test(line)) ?? [];
  return frames.find((frame) => !frame.includes("node:"))?.includes(`${code}/`) === true;
}

/**
 * Writes a file (mode 0600) with what a developer has to know of a bug.
 * @param words what was typed behind `vm`
 * @returns what to tell the person, a line each
 */
export function reportBug(
  error: Error,
  words: readonly string[],
  { code, version, bugsUrl }: BuggyProgram,
): string[] {
  const text = renderBugReport({
    versions: `vm ${version}, Node ${process.version}, ${process.platform} ${release()} ${process.arch}`,
    words,
    stack: (error.stack ?? error.message).replaceAll(`${code}/`, ""),
    secrets: [homedir(), hostname(), userName()],
  });
  const where = bugsUrl === undefined ? "" : ` to ${bugsUrl}`;
  const what =
    "versions, the names of the options and where in vm it happened, and none of your values or names";
  try {
    const file = join(mkdtempSync(join(tmpdir(), "vm-bug-")), "report.txt");
    writeFileSync(file, text, { mode: 0o600 });
    return [`  This is a bug of vm. Please report it${where} with ${file}, which has ${what}.`];
  } catch {
    return [
      `  This is a bug of vm. Please report it${where} with these lines:`,
      ...text.trimEnd().split("\n"),
    ];
  }
}

/** In a container there may be no user of our number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

/** The text of a report: of what was typed only the names of the options, and `secrets` nowhere. */
export function renderBugReport({
  versions,
  words,
  stack,
  secrets,
}: {
  readonly versions: string;
  readonly words: readonly string[];
  readonly stack: string;
  readonly secrets: readonly string[];
}): string {
  // Node's message for JSON that it cannot read quotes it.
  const unquoted = stack.startsWith("SyntaxError") ? stack.replaceAll(/"[^\n]*"/g, '"..."') : stack;
  const withoutSecrets = [...words.flatMap(valueOf), ...secrets]
    .filter((secret) => secret.length > 2 && secret !== "root")
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, "..."), unquoted);
  return `${versions}\n${["vm", ...words.map(nameOnly)].join(" ")}\n${withoutSecrets}\n`;
}

/** The command's and the options' names; what else was typed is a value. */
function nameOnly(word: string, index: number): string {
  if (index === 0 || /^(?:-[A-Za-z]|--[a-z-]*)$/.test(word)) return word;
  return /^--[a-z-]+=/.test(word) ? `${word.slice(0, word.indexOf("="))}=...` : "...";
}

function valueOf(word: string, index: number): string[] {
  const name = nameOnly(word, index);
  if (name === word) return [];
  return name === "..." ? [word] : [word.slice(word.indexOf("=") + 1)];
}
