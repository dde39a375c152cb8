import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "@vm/command-plan";
import { expect, onTestFinished, test } from "vitest";
import { readReport } from "../src/tools.js";

test("what is no report of vm's is refused by a code, JSON or not", () => {
  const cwd = mkdtempSync(join(tmpdir(), "vm-mcp-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const text of ["", "root:x:0:0:root", "{", "null", "[]", "{}", '"version"']) {
    writeFileSync(join(cwd, "file"), text);
    expect([text, codeOf(() => readReport("file", { cwd }))]).toEqual([text, "REPORT_INVALID"]);
  }
  writeFileSync(join(cwd, "file"), '{"version":1}');
  expect(readReport("file", { cwd })).toEqual({ version: 1 });
});

function codeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return errorCode(error);
  }
}
