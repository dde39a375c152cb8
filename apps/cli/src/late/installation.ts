import { join, resolve } from "node:path";
import { renderScript } from "@vm/arch-installer";
import {
  DEFAULT_MIRROR,
  install,
  installExitCode,
  type InstallOutcome,
  type InstallPlan,
  type InstallResult,
  latestUrl,
  lineTail,
  newestCachedIso,
  newestIso,
  stopReason,
  wholePlan,
} from "@vm/arch-live";
import { type Plan, quoteShell, toScript } from "@vm/command-plan";
import { checkVmName } from "@vm/vm-store";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { type Display, lineDisplay, terminalDisplay } from "../install/display.js";
import type { InstallCommandOptions } from "../install/install-options.js";
import { checkOptions, planFromHost, planWithIso, readUnattended } from "../install/installation-plan.js";
import { claimTarget, type ClaimedTarget } from "../install/installation-target.js";
import { connectTerminal } from "../install/shell.js";
import { writeNotice, writeOutput } from "../output.js";
import { parseDuration } from "../run/command-request.js";
import { repeatedCommand } from "../run/repeated-words.js";
import { usageError } from "../usage-error.js";

/** What this bundle exports, for the one that loads it late. */
export interface LateInstallation {
  readonly installVm: typeof installVm;
}

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
  // A terminal that was closed takes no more lines: that must not keep us from clearing away.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const stop = new AbortController();
  const signals = (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const).map(
    (signal) => [signal, (): void => stop.abort(stopReason(signal))] as const,
  );
  const display = openDisplay();
  let claimed: ClaimedTarget | undefined;
  try {
    const installation = await readUnattended(name, options, context);
    for (const [signal, handler] of signals) process.on(signal, handler);
    const script = renderScript(installation);
    claimed = claimTarget(name, options, context);
    const wanted = { target: claimed.target, script, options, context };
    const plan =
      options.bootstrap === true
        ? planFromHost(wanted, installation.pacmanMirrors)
        : planWithIso(wanted, await findIso(options, context, { display, signal: stop.signal }));
    context.setExitCode(
      await runInstallation({ plan, display, options, context, stop: stop.signal, ...limits, claimed }),
    );
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

function openDisplay(): Display {
  const { stderr } = process;
  const output = { write: (text: string) => void stderr.write(text), notice: writeNotice };
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

function isoDirectory(context: CommandContext): string {
  return join(cacheHome(context), "iso");
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
}: Limits & {
  readonly plan: InstallPlan;
  readonly display: Display;
  readonly options: InstallCommandOptions;
  readonly context: CommandContext;
  readonly stop: AbortSignal;
  readonly claimed: ClaimedTarget;
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
  tell(result, { plan, options, log: log.lines(), console: console.lines() });
  return installExitCode(result.outcome);
}

const LOG_LINES = 15;
const CONSOLE_LINES = 15;

function tell(
  { outcome, kept }: InstallResult,
  {
    plan,
    options,
    log,
    console,
  }: {
    readonly plan: InstallPlan;
    readonly options: InstallCommandOptions;
    readonly log: readonly string[];
    readonly console: readonly string[];
  },
): void {
  const { name } = plan.target;
  if (outcome.kind === "installed") {
    writeNotice(`installed; start it: vm run ${quoteShell(name)}`);
    return;
  }
  if (outcome.kind !== "stopped") {
    const showsConsole = outcome.kind !== "failed" && console.length > 0;
    show("the last lines of the log:", log);
    if (showsConsole) show("the last lines of the console:", console);
  }
  writeNotice(sentence(outcome));
  if (kept !== undefined)
    writeNotice(
      `  what there is of it is the VM ${JSON.stringify(kept)}: vm run ${quoteShell(kept)} -k KERNEL`,
    );
  else
    writeNotice(
      `  nothing is left of it${plan.target.existing === undefined ? "" : `: ${name} is as it was`}`,
    );
  if (outcome.kind === "stopped") return;
  writeNotice(`  the log is ${plan.logs.log}, the console ${plan.logs.console}`);
  const ways = [
    ...(options.shell === true ? [] : ["--shell for a shell in the live system when it fails"]),
    ...(kept === undefined ? ["--keep to keep the disk"] : []),
  ];
  if (ways.length > 0) writeNotice(`  to look inside, run it again with ${ways.join(", or ")}`);
}

function show(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  writeNotice(title);
  // A guest's output must not be able to move our cursor.
  for (const line of lines) writeNotice(`  ${line.replaceAll(/[^\P{Cc}\t]/gu, "?")}`);
}

function sentence(outcome: Exclude<InstallOutcome, { kind: "installed" }>): string {
  switch (outcome.kind) {
    case "failed":
      return `the installation failed: ${outcome.reason}`;
    case "panicked":
      return `the guest's kernel failed: ${outcome.reason}`;
    case "timed-out":
    case "lost":
    case "not-started":
      return `not installed: ${outcome.reason}`;
    case "stopped":
      return "stopped";
    default:
      return outcome satisfies never;
  }
}

async function dryScript(
  name: string,
  options: InstallCommandOptions,
  context: CommandContext,
): Promise<string> {
  const installation = await readUnattended(name, options, context);
  const { target } = claimTarget(name, options, context);
  const wanted = { target, script: renderScript(installation), options, context };
  if (options.bootstrap === true)
    return toScript(wholePlan(planFromHost(wanted, installation.pacmanMirrors)));
  const { iso, mirror = DEFAULT_MIRROR } = options;
  const image = iso === undefined ? newestCachedIso(isoDirectory(context)) : resolve(context.cwd, iso);
  if (image !== undefined) return toScript(wholePlan(planWithIso(wanted, image)));
  return toScript(downloadPlan(mirror, context));
}

/** With no image yet nobody knows its kernel: the script gets one, and then runs this very command with it. */
function downloadPlan(mirror: string, context: CommandContext): Plan {
  const directory = isoDirectory(context);
  const file = "archlinux-x86_64.iso";
  const fetch = (name: string): Plan => [
    { kind: "run", argv: ["curl", "--fail", "--location", "--output", name, latestUrl(mirror, name)] },
  ];
  const repeated = repeatedCommand(context) ?? [];
  return [
    {
      kind: "comment",
      text: "There is no image in the cache yet. (Without -n, vm also goes on with a download that was cut, and checks",
    },
    {
      kind: "comment",
      text: "the signature.) The image has the kernel and its parameters: what follows is known when it is there.",
    },
    { kind: "make-directory", path: directory, parents: true },
    { kind: "change-directory", path: directory },
    ...fetch("sha256sums.txt"),
    ...fetch(file),
    { kind: "run", argv: ["sha256sum", "--check", "--ignore-missing", "sha256sums.txt"] },
    ...repeated.map((step) =>
      step.kind === "exec"
        ? { ...step, argv: [...step.argv, "--iso", join(directory, file)] satisfies [string, ...string[]] }
        : step,
    ),
  ];
}
