import { errorCode, writeAll } from "@vm/command-plan";
import { installExitCode, lineTail, stopReason } from "@vm/arch-live";
import { type InstallCommandOptions, installRequest, usageError } from "@vm/command-requests";
import { outputLost } from "@vm/guest-run";
import {
  describeInstallation,
  explainInstallation,
  installationScript,
  installVm,
  lineDisplay,
  noticeDisplay,
  terminalDisplay,
  toldConsole,
  type Host,
  type InstallDisplay,
  type InstallRequest,
} from "@vm/operations";
import { askPassword, connectTerminal } from "@vm/terminal";
import type { CommandContext } from "../command-module.js";
import { manner, writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

/** `vm install NAME`. */
export async function runInstall(
  name: string,
  options: InstallCommandOptions,
  context: CommandContext,
): Promise<void> {
  const request = installRequest(name, options);
  if (options.shell === true && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw usageError("--shell needs a terminal", "Without one: --keep, and the log.");
  }
  if (options.dryRun === true) {
    writeOutput(await installationScript(request, ownHost(context), refusePassword));
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
  const display = openDisplay(onLost);
  try {
    const details = options.full === true ? "whole" : "folded";
    const exitCode = await installWatched(request, { display, details, stop, context });
    context.setExitCode(exitCode);
    if (lost !== undefined) throw lost;
  } catch (error) {
    const kept = errorCode(error) === "INSTALL_NOT_FINISHED";
    throw stop.signal.aborted && !kept ? stop.signal.reason : error;
  } finally {
    display.end();
  }
}

const LOG_LINES = 15;
const CONSOLE_LINES = 15;

async function installWatched(
  request: InstallRequest,
  {
    display,
    details,
    stop,
    context,
  }: {
    readonly display: InstallDisplay;
    /** How much is shown of what the guest's kernel complained of. */
    readonly details: "folded" | "whole";
    readonly stop: AbortController;
    readonly context: CommandContext;
  },
): Promise<number> {
  const host: Host = { ...ownHost(context), signal: stop.signal };
  const log = lineTail(LOG_LINES);
  const console = toldConsole(CONSOLE_LINES);
  const signals = (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const).map(
    (signal) => [signal, (): void => stop.abort(stopReason(signal))] as const,
  );
  // While a password is asked for, Ctrl-C is a key.
  const listen = (): void => {
    for (const [signal, handler] of signals) process.on(signal, handler);
  };
  try {
    const { result, plan, installation } = await installVm(request, host, {
      askPassword: (hostname) => askPassword(hostname, { onInterrupt: () => stopReason("SIGINT") }),
      onReady: listen,
      onImage: (event) => display.image(event),
      onPlan: ({ logs }) => {
        display.pause();
        display.notice(`the log is ${logs.log}`);
      },
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
    const failure = ["installed", "stopped"].includes(result.outcome.kind)
      ? null
      : await explainInstallation(plan, request, host);
    if (failure !== null) {
      const { writeFailure } = await import("../run/failure-report.js");
      writeFailure(failure, details, host);
    }
    const words = describeInstallation(result, {
      plan,
      request,
      installation,
      log: log.lines(),
      console: failure === null ? console.lines() : [],
    });
    for (const line of words) writeNotice(line);
    return installExitCode(result.outcome);
  } finally {
    for (const [signal, handler] of signals) process.off(signal, handler);
  }
}

function refusePassword(): Promise<never> {
  return Promise.reject(
    usageError(
      "root has no password and no key, and a dry run asks for none",
      "Give --ssh-key, --root-password-file or --root-password-hash.",
    ),
  );
}

function openDisplay(onLost: (error: Error) => void): InstallDisplay {
  const { stderr } = process;
  const notice = (text: string): void => {
    try {
      writeNotice(text);
    } catch (error) {
      onLost(error instanceof Error ? error : new Error(String(error)));
    }
  };
  // What was decided may be a warning.
  if (manner.isQuiet) return noticeDisplay(notice);
  const write = (text: string): void => {
    try {
      writeAll(2, text);
    } catch (error) {
      const hasGone = errorCode(error) === "EPIPE" || errorCode(error) === "EIO";
      if (!hasGone)
        onLost(outputLost("the terminal", error instanceof Error ? error : new Error(String(error))));
    }
  };
  const output = { write, notice };
  return stderr.isTTY ? terminalDisplay(output, () => stderr.columns || 80) : lineDisplay(output);
}
