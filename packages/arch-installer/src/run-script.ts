import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codedError, lineSplitter, writeAll } from "@vm/command-plan";
import { parseProgress, type Progress } from "./progress.js";

export interface RunScriptOptions {
  /** Everything that the script and its programs print; an older file is replaced. */
  readonly logFile: string;
  /** Called for each line of progress, in order. */
  readonly onProgress: (progress: Progress) => void;
}

/** Enough for the messages of the program that failed. */
const TAIL_LINES = 15;

/**
 * Runs the script with bash: these very bytes. Its questions are asked on the terminal; its output goes to the log file.
 * @throws `INSTALL_FAILED`, with the section and the step, and the last lines of the log in `hint`; `BASH_MISSING`; `OUTPUT_LOST`
 */
export async function runScript(script: string, { logFile, onProgress }: RunScriptOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "arch-install-"));
  const log = openSync(logFile, "w", 0o600);
  try {
    const file = join(directory, "setup.sh");
    // It may hold a password: nobody else reads it, and no process list shows it.
    writeFileSync(file, script, { mode: 0o600 });
    const lines: string[] = [];
    let failure: string | undefined;
    /** What could not be written: the installation goes on, and has not gone well. */
    let lost: Error | undefined;
    const attempt = (write: () => void): void => {
      try {
        write();
      } catch (error) {
        lost ??= error instanceof Error ? error : new Error(String(error));
      }
    };
    const status = await runBash(file, {
      onOutput: (chunk) => attempt(() => writeAll(log, chunk)),
      onLine: (line) => {
        lines.push(line);
        if (lines.length > TAIL_LINES) lines.shift();
        const progress = parseProgress(line);
        if (progress === undefined) return;
        if (progress.kind === "failed") failure = progress.message;
        attempt(() => onProgress(progress));
      },
    });
    if (status === 0) {
      if (lost === undefined) return;
      throw codedError(
        "OUTPUT_LOST",
        `installed, but what was said of it could not be written: ${lost.message}`,
        { hint: `The log is ${logFile}.`, cause: lost },
      );
    }
    throw codedError("INSTALL_FAILED", failure ?? `the script ended with ${status} and does not say where`, {
      hint: [...lines, "", `All of it is in ${logFile}. The installation can be started again.`].join("\n"),
    });
  } finally {
    closeSync(log);
    rmSync(directory, { recursive: true, force: true });
  }
}

function runBash(
  file: string,
  {
    onOutput,
    onLine,
  }: { readonly onOutput: (chunk: Buffer) => void; readonly onLine: (line: string) => void },
): Promise<number | string> {
  // Ctrl-C reaches bash too: it says where it was, and only then is it over.
  process.on("SIGINT", waitForBash);
  return new Promise<number | string>((resolve, reject) => {
    const bash = spawn("bash", [file], { stdio: ["inherit", "pipe", "pipe"] });
    const outputs = [bash.stdout, bash.stderr].map((stream) => ({ stream, lines: lineSplitter(onLine) }));
    for (const { stream, lines } of outputs) {
      stream.on("data", (chunk: Buffer) => {
        onOutput(chunk);
        lines.push(chunk);
      });
    }
    bash.on("error", (cause) => {
      reject(codedError("BASH_MISSING", `bash: ${cause.message}`, { hint: "Install bash.", cause }));
    });
    bash.on("close", (code, signal) => {
      for (const { lines } of outputs) lines.end();
      resolve(code ?? signal ?? "an unknown status");
    });
  }).finally(() => process.off("SIGINT", waitForBash));
}

function waitForBash(): void {}
