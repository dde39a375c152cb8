import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A temporary directory that goes away with the test. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "host-files-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The error of a call that must fail. */
export function failure(action: () => unknown): Record<string, unknown> {
  try {
    action();
  } catch (error) {
    return { ...Object(error), message: error instanceof Error ? error.message : "" };
  }
  throw new Error("nothing was thrown");
}
