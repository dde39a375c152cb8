import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Suite } from "../fixtures/debian-suite.mjs";
import { createOverlay, debianDisk } from "../fixtures/debian-disk.mjs";

const BIN = fileURLToPath(new URL("../../apps/cli/bin/vm.cjs", import.meta.url));

/** A place for virtual machines that is nobody's, and the `vm` of this checkout in it. */
export interface VmHome {
  /** A temporary directory; every QEMU that runs here names it on its command line or in its working directory. */
  readonly directory: string;
  /** VM_HOME and XDG_CONFIG_HOME below that directory. */
  readonly env: Readonly<Record<string, string>>;
  /** The command line of `vm` with these arguments. */
  vm(...args: readonly string[]): [string, ...string[]];
  /** Runs `vm` without a terminal. */
  run(...args: readonly string[]): Promise<Outcome>;
  /** Puts the Debian guest on the disk of a VM that `vm create` made. `files`: see `debianDisk`. */
  putGuest(name: string, options?: { readonly files?: string; readonly suite?: Suite }): Promise<void>;
  remove(): void;
}

export interface Outcome {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a home; `remove` it after the test. */
export function createVmHome(): VmHome {
  const directory = mkdtempSync(join(tmpdir(), "vm-e2e-"));
  const env = { VM_HOME: join(directory, "vm"), XDG_CONFIG_HOME: join(directory, "config") };
  mkdirSync(env.VM_HOME);
  return {
    directory,
    env,
    vm: vmCommand,
    run: (...args) => runProgram(vmCommand(...args), { env }),
    putGuest: async (name, options) => {
      const images = readdirSync(join(env.VM_HOME, name)).filter((entry) => entry.endsWith(".qcow2"));
      const [image] = images;
      if (image === undefined || images.length > 1) {
        throw new Error(`expected one qcow2 image in ${name}, found ${images.join(", ") || "none"}`);
      }
      await createOverlay(await debianDisk(options), join(env.VM_HOME, name, image));
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function vmCommand(...args: readonly string[]): [string, ...string[]] {
  return [process.execPath, BIN, ...args];
}

/** What was said on standard error, without the lines that say how long something takes: on a busy machine anything may. */
export function lastingWords(stderr: string): string {
  return stderr.replaceAll(/^vm: .* \(\d+ s\)\n/gm, "");
}

/** Runs a program to its end with no input; never throws for a failure of the program. */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  {
    cwd,
    env,
    input = "",
  }: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
  } = {},
): Promise<Outcome> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: "pipe" });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output.stderr += chunk));
  child.stdin.on("error", () => undefined).end(input);
  await once(child, "close");
  return { status: child.exitCode ?? child.signalCode ?? "unknown", ...output };
}
