import { resolve } from "node:path";
import { type Installation, renderScript } from "@vm/arch-installer";
import { outputLost } from "@vm/guest-run";
import {
  install,
  installExitCode,
  type InstallPlan,
  lineTail,
  newestIso,
  readIsoBoot,
  stopReason,
} from "@vm/arch-live";
import { checkVmName } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import { dryScript, isoDirectory } from "../install/installation-dry-run.js";
import { tell } from "../install/installation-words.js";
import { type Display, lineDisplay, terminalDisplay } from "../install/display.js";
import type { InstallCommandOptions } from "../install/install-options.js";
import { checkOptions, planFromHost, planWithIso, readUnattended } from "../install/installation-plan.js";
import { claimTarget, type ClaimedTarget } from "../install/installation-target.js";
import { connectTerminal } from "../install/shell.js";
import { writeNotice, writeOutput } from "../output.js";
import { parseDuration } from "../run/command-request.js";
import { usageError } from "../usage-error.js";

/** `vm install NAME`. */
export async function installVm(
  name: string,
  options: InstallCommandOptions,
  context: CommandContext,
): Promise<void> {
  checkVmName(name);
  checkOptions(options);
  const limits = readLimits(options);
  if (options.shell === true && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw usageError("--shell needs a terminal", "Without one: --keep, and the log.");
  }
  if (options.dryRun === true) {
    writeOutput(await dryScript(name, options, context));
    return;
  }
  const stop = new AbortController();
  let lost: Error | undefined;
  const onLost = (error: Error): void => {
    lost ??= error;
    stop.abort(error);
  };
  // A terminal that was closed takes no more lines: that must not keep us from clearing away.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") onLost(outputLost("the terminal", error));
    });
  }
  const signals = (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const).map(
    (signal) => [signal, (): void => stop.abort(stopReason(signal))] as const,
  );
  const display = openDisplay(onLost);
  let claimed: ClaimedTarget | undefined;
  try {
    // What is wrong with these is told before a password is asked for.
    if (options.iso !== undefined) await readIsoBoot(resolve(context.cwd, options.iso));
    claimed = await claimTarget(name, options, context);
    const installation = await readUnattended(name, options, context);
    for (const [signal, handler] of signals) process.on(signal, handler);
    const wanted = { target: claimed.target, script: renderScript(installation), options, context };
    const plan =
      options.bootstrap === true
        ? planFromHost(wanted, installation.pacmanMirrors)
        : await planWithIso(
            wanted,
            await findIso(options, context, { display, signal: stop.signal }),
            stop.signal,
          );
    context.setExitCode(
      await runInstallation({
        plan,
        display,
        options,
        context,
        stop: stop.signal,
        ...limits,
        claimed,
        installation,
      }),
    );
    if (lost !== undefined) throw lost;
  } catch (error) {
    const kept = error instanceof Error && "code" in error && error.code === "INSTALL_NOT_FINISHED";
    throw stop.signal.aborted && !kept ? stop.signal.reason : error;
  } finally {
    display.end();
    for (const [signal, handler] of signals) process.off(signal, handler);
    claimed?.lock?.release();
  }
}

interface Limits {
  readonly timeoutMs?: number;
  readonly silenceMs: number;
}

function readLimits({ timeout, silenceTimeout = "15m" }: InstallCommandOptions): Limits {
  return {
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    silenceMs: parseDuration(silenceTimeout, "--silence-timeout"),
  };
}

function openDisplay(onLost: (error: Error) => void): Display {
  const { stderr } = process;
  const notice = (text: string): void => {
    try {
      writeNotice(text);
    } catch (error) {
      onLost(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const output = { write: (text: string) => void stderr.write(text), notice };
  return stderr.isTTY ? terminalDisplay(output, () => stderr.columns || 80) : lineDisplay(output);
}

async function findIso(
  { iso, mirror, isoKeyring }: InstallCommandOptions,
  context: CommandContext,
  { display, signal }: { readonly display: Display; readonly signal: AbortSignal },
): Promise<string> {
  const { env, cwd } = context;
  if (iso !== undefined) return resolve(cwd, iso);
  const path = await newestIso({
    directory: isoDirectory(context),
    env,
    signal,
    onEvent: (event) => display.image(event),
    ...(mirror === undefined ? {} : { mirror }),
    ...(isoKeyring === undefined ? {} : { keyring: resolve(cwd, isoKeyring) }),
  });
  display.pause();
  return path;
}

async function runInstallation({
  plan,
  display,
  options,
  context,
  stop,
  timeoutMs,
  silenceMs,
  claimed,
  installation,
}: Limits & {
  readonly plan: InstallPlan;
  readonly display: Display;
  readonly options: InstallCommandOptions;
  readonly context: CommandContext;
  readonly stop: AbortSignal;
  readonly claimed: ClaimedTarget;
  readonly installation: Installation;
}): Promise<number> {
  const log = lineTail(LOG_LINES);
  const console = lineTail(CONSOLE_LINES);
  display.notice(`the log is ${plan.logs.log}`);
  const result = await install({
    plan,
    env: context.env,
    silenceMs,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(claimed.lock === undefined ? {} : { lockFd: claimed.lock.fd }),
    stop,
    afterFailure: options.keep === true ? "keep" : "remove",
    onProgress: (progress) => display.section(progress),
    onLog: log.push,
    onConsole: console.push,
    onShell: async (shell) => {
      display.pause();
      writeNotice("it failed: this is a shell in the live system, the new system is at /mnt; exit ends it");
      await connectTerminal(shell);
    },
  });
  display.end();
  tell(result, { plan, options, installation, log: log.lines(), console: console.lines() });
  return installExitCode(result.outcome);
}

const LOG_LINES = 15;
const CONSOLE_LINES = 15;
