import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { codedError, lineSplitter } from "@vm/command-plan";

/** A line of source text. */
export interface SourcePlace {
  /** The function that the line is in; null where the debug information does not say. */
  readonly function: string | null;
  /** As the debug information names it, usually absolute. */
  readonly file: string;
  readonly line: number;
}

/** addr2line, or llvm-addr2line, that is kept open on one file: reading the debug information of a kernel takes it longer than all questions. */
export interface LineProgram {
  /** The places of each address: the innermost of inlined calls first; none where nothing is known of it. @throws `LINES_FAILED` */
  find(this: void, addresses: readonly bigint[]): Promise<readonly SourcePlace[][]>;
  close(this: void): void;
}

/** A vmlinux of a gigabyte takes about ten seconds. */
const LIMIT_MS = 120_000;

/** @param argv the program with the file, without its addresses: it reads them from its standard input */
export function openLineProgram([program, ...args]: readonly [string, ...string[]]): LineProgram {
  let child: ChildProcessByStdio<Writable, Readable, null> | null = null;
  let answers: SourcePlace[][] = [];
  let failure: Error | null = null;
  let settle: (() => void) | null = null;
  let wanted = 0;
  let name: string | null = null;

  function take(line: string): void {
    if (/^0x[0-9a-f]+$/.test(line)) {
      answers.push([]);
      name = null;
      if (answers.length > wanted) settle?.();
      return;
    }
    if (name === null) {
      name = line;
      return;
    }
    const place = parsePlace(line);
    if (place !== null) answers.at(-1)?.push({ function: name === "??" ? null : name, ...place });
    name = null;
  }

  function fail(reason: string): void {
    failure ??= codedError("LINES_FAILED", `${program} told no lines: ${reason}`);
    settle?.();
  }

  function start(): ChildProcessByStdio<Writable, Readable, null> {
    const started = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
    const split = lineSplitter(take);
    started.stdout.on("data", (chunk: Buffer) => split.push(chunk));
    started.once("error", (error) => fail(error.message));
    started.once("exit", (code, signal) =>
      fail(signal === null ? `it ended with status ${code}` : `${signal} ended it`),
    );
    started.stdin.on("error", (error) => fail(error.message));
    return started;
  }

  let turn: Promise<unknown> = Promise.resolve();
  async function ask(addresses: readonly bigint[]): Promise<readonly SourcePlace[][]> {
    if (addresses.length === 0) return [];
    child ??= start();
    answers = [];
    wanted = addresses.length;
    const timer = setTimeout(() => fail(`it had not answered after ${LIMIT_MS / 1000} s`), LIMIT_MS);
    try {
      await new Promise<void>((resolve) => {
        settle = resolve;
        if (failure !== null) resolve();
        // The answer to one question is only known to be whole when that to the next one begins.
        else child?.stdin.write([...addresses, 0n].map((address) => `0x${address.toString(16)}\n`).join(""));
      });
      if (failure !== null) throw failure;
      return answers.slice(0, wanted);
    } finally {
      clearTimeout(timer);
      settle = null;
      // What is left of the last answer comes before the next first one.
      answers = [];
    }
  }

  return {
    find(addresses) {
      const answer = turn.then(() => ask(addresses));
      turn = answer.catch(() => undefined);
      return answer;
    },
    close() {
      child?.stdin.end();
      child?.kill("SIGTERM");
    },
  };
}

/** `FILE:12`, `FILE:12 (discriminator 3)`; null for `??:0` and `??:?`. */
function parsePlace(text: string): { file: string; line: number } | null {
  const [, file, line] = /^(.+):(\d+)(?: \(discriminator \d+\))?$/.exec(text) ?? [];
  return file === undefined || line === undefined || file === "??" || line === "0"
    ? null
    : { file, line: Number(line) };
}
