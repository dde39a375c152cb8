import { readFileSync, readdirSync, readlinkSync } from "node:fs";

const POLL_MS = 100;

/** A process with its command line, words separated by spaces. */
export interface FoundProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** Processes, other than this one, that name the text, such as a temporary directory, on their command line or work below it. */
export function processesNaming(text: string): FoundProcess[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((entry) => ({ pid: Number(entry), commandLine: commandLine(entry) }))
    .filter(({ pid, commandLine: line }) => line.includes(text) || workingDirectory(pid).includes(text));
}

/** Waits until no process names the text any more. @throws after `timeoutMs`, with what is left */
export async function noProcessNames(
  text: string,
  { timeoutMs = 15_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const left = processesNaming(text);
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      const list = left.map(({ pid, commandLine: line }) => `${pid} ${line}`).join("\n");
      throw new Error(`still running:\n${list}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function commandLine(pid: string): string {
  return unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim());
}

function workingDirectory(pid: number): string {
  return unlessGone(() => readlinkSync(`/proc/${pid}/cwd`));
}

function unlessGone(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
