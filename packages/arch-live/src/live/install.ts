import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { codedError, errorCode, execute, type Plan, type StepFailure } from "@vm/command-plan";
import { beginCreation, CONFIG_FILE, INSTALL_DIRECTORY } from "@vm/vm-store";
import { type GuestSession, runGuest } from "./guest-session.js";
import type { InstallOutcome } from "./outcome.js";
import type { InstallTarget } from "./target.js";

export interface InstallJob extends GuestSession {
  /** What becomes of the disk of an installation that failed. */
  readonly afterFailure: "remove" | "keep";
}

export interface InstallResult {
  readonly outcome: InstallOutcome;
  /** The name of the VM that has what is left of a failed installation. */
  readonly kept?: string;
}

/**
 * Installs: makes the disk, runs the guest, and gives the VM its name, or a VM that is there its new disk, when all went
 * well. Else nothing is left of it, or it is kept under another name.
 * @throws VM_EXISTS, VM_BEING_CREATED, INSTALL_NOT_PREPARED, INSTALL_NOT_FINISHED, PLAN_INTERRUPTED, STOPPED
 */
export async function install(job: InstallJob): Promise<InstallResult> {
  const { plan, env } = job;
  const { target } = plan;
  // Much time may have gone by with a download: somebody else may have begun.
  if (target.existing === undefined) beginCreation(target);
  try {
    await executeSteps(plan.prepare, "INSTALL_NOT_PREPARED", env);
    job.stop.throwIfAborted();
    const outcome = await runGuest(job);
    if (outcome.kind === "installed") {
      await finish(job);
      return { outcome };
    }
    const kept = job.afterFailure === "keep" ? keep(target, "failed") : undefined;
    return { outcome, ...(kept === undefined ? {} : { kept }) };
  } finally {
    rmSync(target.directory, { recursive: true, force: true });
  }
}

async function finish({ plan, env }: InstallJob): Promise<void> {
  try {
    await executeSteps(plan.finish, "INSTALL_NOT_FINISHED", env).catch(async (error: unknown) => {
      // A signal that comes now comes too late: it takes no longer to finish than to clear away.
      if (errorCode(error) !== "PLAN_INTERRUPTED") throw error;
      await executeSteps(plan.finish, "INSTALL_NOT_FINISHED", env);
    });
  } catch (error) {
    // Minutes of work: it is not thrown away because somebody took the name meanwhile.
    const kept = keep(plan.target, "installed");
    if (kept === undefined) throw error;
    throw Object.assign(error instanceof Error ? error : new Error(String(error)), {
      hint: `The installed system is the VM ${JSON.stringify(kept)} now.`,
    });
  }
}

/** The cleaning up is ours: it has to wait for what follows. */
async function executeSteps(plan: Plan, code: string, env: NodeJS.ProcessEnv): Promise<void> {
  const steps = plan.filter(({ kind }) => kind !== "remove-at-end");
  const { failure, exitCode } = await execute(steps, { env });
  if (failure === undefined) return;
  const error = explain(failure, code);
  throw exitCode > 128 ? Object.assign(error, { exitCode }) : error;
}

function explain({ step, error }: StepFailure, code: string): Error {
  if (error.code === "PLAN_INTERRUPTED") return error;
  if (step.kind === "run" && error.code === "PROGRAM_NOT_FOUND") {
    const [program] = step.argv;
    return codedError(code, `${program} is not installed`, {
      hint: packages[program] ?? "Install it, and start again.",
      cause: error,
    });
  }
  if (step.kind === "run") {
    return codedError(code, `${basename(step.argv[0])} failed, so nothing was installed`, {
      hint: "Its own message stands above.",
      cause: error,
    });
  }
  return codedError(code, error.message, { cause: error });
}

const packages: Readonly<Record<string, string>> = {
  bsdtar: "Install it: Debian's package libarchive-tools, Fedora's bsdtar, Arch's libarchive.",
  "qemu-img": "Install it: Debian's package qemu-utils, Fedora's qemu-img, Arch's qemu-img.",
};

/** Gives what there is a name that says what it is, and that is free. */
function keep(
  { home, name, directory, existing }: InstallTarget,
  word: "failed" | "installed",
): string | undefined {
  if (!existsSync(directory)) return undefined;
  rmSync(join(directory, INSTALL_DIRECTORY), { recursive: true, force: true });
  if (existing !== undefined) copyFileSync(join(existing, CONFIG_FILE), join(directory, CONFIG_FILE));
  for (let count = 1; ; count++) {
    const free = `${name}.${word}${count === 1 ? "" : `-${count}`}`;
    if (existsSync(join(home, free))) continue;
    renameSync(directory, join(home, free));
    return free;
  }
}
