import { spawn, type ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { codedError } from "@vm/command-plan";
import { qemuEnvironment, type ForegroundEnd } from "@vm/guest-run";

/** A QEMU in a session of its own: what would be its terminal are streams of ours. */
export interface BackgroundQemu {
  readonly pid: number;
  readonly input: Writable;
  readonly output: Readable;
  /** Settles when it has ended, and its output was read to the end. */
  readonly end: Promise<Pick<ForegroundEnd, "code" | "signal">>;
  /** The last of what it wrote on its standard error. */
  errors(): string;
  kill(signal: NodeJS.Signals): void;
}

/** The most that is kept of what QEMU says. */
const MAX_ERRORS = 8192;

/**
 * Starts QEMU so that it outlives us. It holds the descriptors `held` as long as it lives.
 * @throws `QEMU_NOT_STARTED`
 */
export async function startBackgroundQemu({
  argv,
  cwd,
  env,
  held,
}: {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly held: readonly number[];
}): Promise<BackgroundQemu> {
  const [program, ...args] = argv;
  let errors = "";
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      cwd,
      env: qemuEnvironment(env, argv),
      stdio: ["pipe", "pipe", "pipe", ...held],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve).once("error", reject);
    });
  } catch (cause) {
    const reason = cause instanceof Error ? ` (${cause.message})` : "";
    throw codedError("QEMU_NOT_STARTED", `${program} could not be started in ${cwd}${reason}.`, {
      hint: "Check that the program runs by itself, with --version, and that the directory exists.",
      cause,
    });
  }
  const { stdin, stdout, stderr, pid } = child;
  if (stdin === null || stdout === null || stderr === null || pid === undefined) {
    throw new Error("a process without streams");
  }
  for (const stream of [stdin, stdout, stderr]) stream.on("error", () => {});
  stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-MAX_ERRORS);
  });
  return {
    pid,
    input: stdin,
    output: stdout,
    end: new Promise((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
    }),
    errors: () => errors.trim(),
    kill: (signal) => void child.kill(signal),
  };
}
