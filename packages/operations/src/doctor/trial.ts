import { findProgram } from "@vm/command-plan";
import { runForOutput } from "@vm/host-files";
import type { Host } from "../host.js";

/** How long a program may take to show that it works: long for a busy machine, short for one that hangs. */
const limitMs = 20_000;

/** Where administrators' programs are that an ordinary PATH may lack, and NixOS's. */
const morePlaces = "/usr/local/sbin:/usr/sbin:/sbin:/run/current-system/sw/bin";

/** The path of a program, also where PATH lacks the directory that distributions put it in. */
export function locate(name: string, { env }: Pick<Host, "env">): string | undefined {
  return findProgram(name, { PATH: `${env["PATH"] ?? ""}:${morePlaces}` });
}

/** What a program did within the time limit. */
export interface Trial {
  readonly works: boolean;
  /** What it printed, without the line's end. */
  readonly output: string;
  /** Why it did not work: its last words, or how it ended. */
  readonly reason: string;
}

/** Runs a program for real. */
export async function tryProgram(
  argv: readonly [string, ...string[]],
  host: Host,
  cwd = "/",
): Promise<Trial> {
  try {
    const { exitCode, stdout, stderr } = await runForOutput(argv, {
      cwd,
      env: host.env,
      timeoutMs: limitMs,
      signal: host.signal,
    });
    const words = stderr.trim().split("\n").at(-1) ?? "";
    return {
      works: exitCode === 0,
      output: stdout.trim(),
      reason: words === "" ? `it ended with ${exitCode}` : words,
    };
  } catch (error) {
    host.signal?.throwIfAborted();
    return { works: false, output: "", reason: error instanceof Error ? error.message : String(error) };
  }
}
