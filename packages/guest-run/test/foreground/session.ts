import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bundles the driver from the sources, so that no test depends on what was built before. */
export async function bundleDriver(directory: string): Promise<string> {
  const outfile = join(directory, "driver.cjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./driver.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "cjs",
    conditions: ["@vm/source"],
    outfile,
    logLevel: "silent",
  });
  return outfile;
}

export interface Session {
  /** Where the driver and the shell around it leave their files. */
  readonly out: string;
  readonly process: ChildProcess;
  readonly screen: () => string;
  type(text: string): void;
  /** The text of a file in `out`, once it is there. */
  file(name: string): Promise<string>;
  /** Waits until the screen shows the text. */
  shows(text: string): Promise<void>;
  /** Waits for the end of the shell script. */
  readonly ended: Promise<number | null>;
  remove(): void;
}

export interface SessionStart {
  /** A sh script; `$OUT` is the directory for files. */
  readonly script: string;
  /** `terminal`: under a pseudo-terminal; `sockets`: what Node gives a child as `pipe`. */
  readonly streams: "terminal" | "sockets";
  readonly env?: NodeJS.ProcessEnv;
}

export function startSession({ script, streams, env }: SessionStart): Session {
  const out = mkdtempSync(join(tmpdir(), "vm-foreground-"));
  const path = join(out, "script.sh");
  writeFileSync(path, script);
  const [program, ...args] =
    streams === "terminal"
      ? (["/usr/bin/script", "-qfec", `exec /bin/sh ${path}`, "/dev/null"] as const)
      : (["/bin/sh", path] as const);
  const child = spawn(program, args, {
    env: { ...process.env, SHELL: "/bin/sh", DRIVER_OUT: out, OUT: out, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (part: Buffer) => (text += part.toString("latin1")));
  child.stderr.on("data", (part: Buffer) => (text += part.toString("latin1")));
  child.stdin.on("error", () => undefined);
  const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  return {
    out,
    process: child,
    screen: () => text,
    type: (keys) => void child.stdin.write(keys),
    file: async (name) => {
      await until(
        () => existsSync(join(out, name)),
        () => `${name} in ${out}; screen: ${text}`,
      );
      return readFileSync(join(out, name), "latin1");
    },
    shows: (wanted) =>
      until(
        () => text.includes(wanted),
        () => `'${wanted}' on the screen: ${text}`,
      ),
    ended,
    remove: () => {
      child.kill("SIGKILL");
      rmSync(out, { recursive: true, force: true });
    },
  };
}

/**
 * Waits until QEMU's monitor on the session's terminal answers. QEMU shows its prompt, and makes the terminal raw, a
 * moment before it handles signals; an answer shows that it does.
 */
export async function monitorAnswers(session: Session): Promise<void> {
  await session.shows("(qemu)");
  session.type("info status\r");
  await session.shows("VM status");
}

/** Looks again and again until `condition` holds; gives up after a minute. */
export async function until(condition: () => boolean, wanted: () => string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (condition()) return;
    await sleep(20);
  }
  throw new Error(`Never came: ${wanted()}`);
}

/** Whether a process runs (a zombie does not). */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^\d+ \(.*\) [ZX] /s.test(stat);
  } catch {
    return false;
  }
}

/** Whether a process's descriptor is non-blocking. */
export function isNonBlocking(pid: number | "self", descriptor: number): boolean {
  const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, "latin1"))?.[1];
  return (Number.parseInt(flags ?? "", 8) & 0o4000) !== 0;
}
