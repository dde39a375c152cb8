import { errorCode, plainText, writeAll } from "@vm/command-plan";
import { Command } from "commander";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { invalid } from "./option-check.js";
import type { InstallArguments } from "./install-options.js";
import { DEFAULT_LOG, installProgram } from "./program.js";
import type { Progress } from "./progress.js";
import { readInstallation } from "./read-installation.js";
import { renderScript } from "./script.js";

interface BinArguments extends InstallArguments {
  readonly dryRun?: true;
  readonly log?: string;
}

function buildProgram(words: readonly string[]): Command {
  const program = new Command("arch-install")
    .exitOverride()
    .configureOutput({ writeOut: (text) => writeAll(1, text), writeErr: writeError })
    .showHelpAfterError("(arch-install --help explains the options)");
  // The version is read when it is asked for.
  if (words.some((word) => word === "--version" || word === "-V")) {
    program.version(readVersion(), "-V, --version", "print the version");
  } else {
    program.option("-V, --version", "print the version");
  }
  const { usage, about, flags, notes } = installProgram;
  for (const { flags: names, about: does, choices, isHidden } of flags) {
    const option = program.createOption(names, does).hideHelp(isHidden === true);
    program.addOption(choices === undefined ? option : option.choices([...choices]));
  }
  return program.usage(usage).description(about).addHelpText("after", notes).action(install);
}

/** The bundle is two directories below the manifest, see build.mjs. */
function readVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"),
  );
  return manifest.version;
}

async function install({ dryRun, log, ...given }: BinArguments): Promise<void> {
  if (dryRun === true && log !== undefined) {
    throw invalid("--log is not for a dry run: the script prints what it says", {
      hint: "Leave it out, and redirect the script's output when it is run.",
    });
  }
  const script = renderScript(await readInstallation(given, { cwd: process.cwd() }));
  if (dryRun === true) {
    writeAll(1, script);
    return;
  }
  const { runScript } = await import("./run-script.js");
  await runScript(script, { logFile: log ?? DEFAULT_LOG, onProgress: showProgress });
}

/** The log's last lines may stand in it: no control of the terminal goes through. A reader that has gone loses it. */
function writeError(text: string): void {
  try {
    writeAll(2, plainText(text));
  } catch (error) {
    if (errorCode(error) !== "EPIPE") throw error;
  }
}

function showProgress(progress: Progress): void {
  switch (progress.kind) {
    case "section":
      writeError(`[${progress.number}/${progress.count}] ${progress.title}\n`);
      return;
    case "done":
      writeError(`done: ${progress.message}\n`);
      return;
    case "failed":
      return;
    default:
      progress satisfies never;
  }
}

/** What errors of Node, of our packages and of commander may carry. */
interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly exitCode?: number;
}

/** 0; 1 when the installation failed; 2 for a command line or configuration that means nothing; 141 for a closed output. */
function reportFailure(error: unknown): number {
  const failure: Failure = error instanceof Error ? error : { message: String(error) };
  const { message, code, hint, exitCode } = failure;
  if (code === "EPIPE") return 141;
  // commander has printed its own message, or the help that was asked for.
  if (code?.startsWith("commander.") === true) return exitCode === 0 ? 0 : 2;
  try {
    writeError(
      `arch-install: ${message}\n${hint === undefined ? "" : `${hint.replaceAll(/^(?=.)/gm, "  ")}\n`}`,
    );
  } catch {
    // Standard error takes nothing: the exit code has to say it.
  }
  return code === "INSTALL_OPTION_INVALID" ? 2 : 1;
}

/** Runs the program with the arguments of the process, and sets its exit code. */
async function main(): Promise<void> {
  // Until it is known better: a program that ends before its work is done has not succeeded.
  process.exitCode = 1;
  try {
    const words = process.argv.slice(2);
    await buildProgram(words).parseAsync(words, { from: "user" });
    process.exitCode = 0;
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

void main();
