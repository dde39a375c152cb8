import type { ChildProcess, SpawnSyncReturns } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { quoteShell } from "@vm/command-plan";

/** What is known of a program that was started. */
interface Started {
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  /** Of `performance.now()`. */
  readonly since: number;
}

/** What is asked of Node, however it is called. */
interface SpawnRequest {
  readonly file: string;
  readonly args?: readonly string[];
  readonly cwd?: string | URL;
  readonly stdio?: unknown;
}

/**
 * `--verbose`: a line for each program that this process starts, by whatever way of Node, when it has ended. All of them pass through these two:
 * the one class of what runs beside us, and the calls that wait. Where a program has our own standard error, or QEMU runs, that may be a
 * guest's: from then on the lines wait for the end of this process.
 *
 * @param output `write` takes a line, `endLine` ends one that a guest may have begun; what they throw is of no account
 */
export function tellPrograms(output: {
  readonly write: (line: string) => void;
  readonly endLine: () => void;
}): void {
  const write = unheeded(output.write);
  const endLine = unheeded(output.endLine);
  // Node's own module: what a bundle imports is a stand-in for it.
  const childProcess = process.getBuiltinModule("node:child_process");
  const running = new Map<object, Started>();
  const held: string[] = [];
  let isHeld = false;
  const tell = (line: string): void => {
    if (isHeld) held.push(line);
    else write(line);
  };

  const prototype: { spawn: (this: ChildProcess, request: SpawnRequest) => number } & object = Object(
    childProcess.ChildProcess.prototype,
  );
  const { spawn } = prototype;
  prototype.spawn = function (request) {
    const since = performance.now();
    const [, ...args] = request.args ?? [];
    const argv = unwrapped([request.file, ...args]);
    const code = spawn.call(this, request);
    const started = { argv, cwd: request.cwd?.toString(), since };
    if (code !== 0) {
      tell(lineOf(started, "was not started"));
      return code;
    }
    if (sharesStandardError(request.stdio) || argv.some((word) => /(?:^|\/)qemu-(?:system-|kvm)/.test(word)))
      isHeld = true;
    running.set(this, started);
    this.once("exit", (status: number | null, signal: string | null) => {
      running.delete(this);
      tell(lineOf(started, endOf(status, signal)));
    });
    return code;
  };

  const waiting = (
    name: "execFileSync" | "spawnSync",
    read: (result: unknown) => Pick<SpawnSyncReturns<unknown>, "error" | "signal" | "status"> | undefined,
  ): void => {
    const original: Function = childProcess[name];
    Object.assign(childProcess, {
      [name]: (...words: unknown[]): unknown => {
        const since = performance.now();
        const [file, second, third] = words;
        const args = Array.isArray(second) ? second.map(String) : [];
        const options: { readonly cwd?: string | URL } = Object(Array.isArray(second) ? third : second);
        const started = { argv: unwrapped([String(file), ...args]), cwd: options.cwd?.toString(), since };
        let end = "failed";
        try {
          const result: unknown = Reflect.apply(original, childProcess, words);
          const known = read(result);
          end =
            known === undefined
              ? ""
              : known.error === undefined
                ? endOf(known.status, known.signal)
                : "was not started";
          return result;
        } finally {
          tell(lineOf(started, end));
        }
      },
    });
  };
  waiting("spawnSync", (result) => Object(result));
  waiting("execFileSync", () => undefined);
  syncBuiltinESMExports();

  process.on("exit", () => {
    for (const started of running.values()) held.push(lineOf(started, "still runs"));
    if (held.length === 0) return;
    // What a guest wrote last may be no whole line.
    if (isHeld) endLine();
    for (const line of held) write(line);
  });
}

/** Whoever wanted to read it has gone, or the disk is full: what is done does not depend on it. */
function unheeded<Words extends readonly unknown[]>(
  action: (...words: Words) => void,
): (...words: Words) => void {
  return (...words) => {
    try {
      action(...words);
    } catch {
      // As above.
    }
  };
}

/** Where a shell only watches over a program, the program. */
function unwrapped(argv: readonly string[]): readonly string[] {
  const [file = "", option, script = "", , ...program] = argv;
  const isWatched = /(?:^|\/)sh$/.test(file) && option === "-c" && /\bexec "\$@"$/.test(script);
  return isWatched && program.length > 0 ? program : argv;
}

function sharesStandardError(stdio: unknown): boolean {
  if (stdio === "inherit") return true;
  return Array.isArray(stdio) && (stdio[2] === "inherit" || stdio[2] === 2 || stdio[2] === process.stderr);
}

function endOf(status: number | null, signal: string | null): string {
  if (status === 0) return "";
  return signal === null ? `ended with ${status}` : `ended by ${signal}`;
}

/** `0.012 s: qemu-img info X  # ended with 1`: what stands behind the colon is for a shell. */
function lineOf({ argv, cwd, since }: Started, end: string): string {
  const seconds = ((performance.now() - since) / 1000).toFixed(3);
  const words = argv.map(onOneLine).join(" ");
  const command = cwd === undefined || cwd === process.cwd() ? words : `(cd ${onOneLine(cwd)} && ${words})`;
  return `${seconds} s: ${command}${end === "" ? "" : `  # ${end}`}`;
}

/** As `quoteShell`, and what would break the line or move the cursor is escaped as bash, zsh and busybox's sh read it. Source: POSIX.1-2024, 2.2.4. */
function onOneLine(word: string): string {
  if (!/\p{C}|\p{Zl}|\p{Zp}/u.test(word)) return quoteShell(word);
  const escaped = Array.from(word, (char) => {
    if (/\p{C}|\p{Zl}|\p{Zp}/u.test(char))
      return Array.from(Buffer.from(char), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
    return char === "'" || char === "\\" ? `\\${char}` : char;
  });
  return `$'${escaped.join("")}'`;
}
