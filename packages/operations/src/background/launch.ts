import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codedError, findProgram } from "@vm/command-plan";
import { tell, type Host } from "../host.js";
import { remark } from "../notice.js";

/** A process that was started to watch over a guest. */
export interface Launched {
  /** The systemd unit that it is. */
  readonly unit?: string;
  /** Rejects when it ended without a word. */
  readonly failed: Promise<never>;
  /** It is on its own now. */
  letGo(): void;
}

/**
 * Starts a program that outlives this one, its terminal, and where systemd keeps units of the user, the login: as a unit there, else as a
 * process in a session of its own.
 *
 * @throws `SUPERVISOR_LOST`
 */
export async function launchSupervisor(
  argv: readonly [string, ...string[]],
  { name, directory }: { readonly name: string; readonly directory: string },
  host: Host,
): Promise<Launched> {
  const unit = asUnit(argv, name, host);
  if (unit !== undefined) return { unit, failed: new Promise(() => {}), letGo: () => {} };
  return await detached(argv, directory);
}

/** How long a unit has for an orderly end of its guest, in seconds. */
const STOP_SECONDS = 90;

function asUnit(argv: readonly string[], name: string, host: Host): string | undefined {
  const { env } = host;
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  if (runtime === "" || !existsSync(join(runtime, "systemd/private"))) return undefined;
  const systemdRun = findProgram("systemd-run", env);
  if (systemdRun === undefined) return undefined;
  // A unit's name takes few characters, and the guest's own nearly all.
  const unit = `vm-${createHash("sha256")
    .update(argv.at(-1) ?? "")
    .digest("hex")
    .slice(0, 12)}.service`;
  const { status, stderr, error } = spawnSync(
    systemdRun,
    [
      "--user",
      "--quiet",
      "--collect",
      `--unit=${unit}`,
      `--description=vm: ${name.replaceAll("%", "%%")}`,
      "--property=Type=exec",
      // The first SIGTERM is for who watches over the guest, and can end it well.
      "--property=KillMode=mixed",
      `--property=TimeoutStopSec=${STOP_SECONDS}`,
      "--",
      ...argv,
    ],
    { encoding: "utf8", env: { ...env }, stdio: ["ignore", "ignore", "pipe"] },
  );
  if (status === 0) return unit;
  const reason = error?.message ?? stderr.trim();
  tell(host, [remark(`the guest is no unit of systemd (${reason}), but a process of its own`)]);
  return undefined;
}

async function detached(
  [program, ...args]: readonly [string, ...string[]],
  directory: string,
): Promise<Launched> {
  // What it says before it has a connection to us, or when it breaks.
  const said = `${args.at(-1)}.err`;
  const fd = openSync(said, "ax", 0o600);
  try {
    const child = spawn(program, args, { cwd: directory, detached: true, stdio: ["ignore", "ignore", fd] });
    child.unref();
    const failed = new Promise<never>((_, reject) => {
      child.once("error", (cause) => reject(lost(cause.message, cause)));
      child.once("exit", () => reject(lost(readFileSync(said, "utf8").trim())));
    });
    // The one who waits for it may have ended.
    failed.catch(() => {});
    return { failed, letGo: () => rmSync(said, { force: true }) };
  } finally {
    closeSync(fd);
  }
}

function lost(reason: string, cause?: unknown): Error {
  return codedError(
    "SUPERVISOR_LOST",
    `the process that watches over the guest has ended at once${reason === "" ? "" : `: ${reason}`}`,
    { cause },
  );
}
