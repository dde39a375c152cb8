import { describeFacts, describeReport } from "@vm/operations";
import type { CellResult } from "../result.js";
import { describeEnd, describePlace, ktapWords } from "../verdict.js";
import { failedRun } from "./failure-lines.js";
import { badRows, rowName, rowReason, type SubtestRow } from "./subtest-rows.js";

/** Lines of the console that a text of a failure has where the kernel complained of nothing. */
const CONSOLE_LINES = 100;

/** Why a cell did not pass: the reason, what to do about it, the kernel's complaints, the end of its console. */
export function failureText(cell: CellResult): string {
  const lines = [describeEnd(cell.end)];
  const end = failedRun(cell.end);
  if (end.kind === "unusable" || end.kind === "broken") {
    if (end.problem.hint !== undefined) lines.push(end.problem.hint);
  }
  if (end.kind === "ran") {
    const { complaints, consoleTail, outcome, qemuStderr } = end.result;
    const { subtests } = end;
    const { reports = [], cwd = "/", sources = null } = end.failure ?? {};
    const section = (title: string, content: readonly string[]): void => {
      if (content.length > 0) lines.push("", title, ...content);
    };
    section(
      "The kernel complained:",
      complaints.map(({ kind, line }) => `${kind}: ${line}`),
    );
    for (const report of reports) {
      const words = describeReport(report, { details: "whole", cwd, sources });
      section(
        "The kernel reported:",
        words.map(({ text }) => text),
      );
    }
    section(
      "Tests inside it that did not pass:",
      subtests === undefined ? [] : badRows(subtests).flatMap(rowLines),
    );
    if (end.guest !== undefined) lines.push(`It ran ${describePlace(end.guest)}.`);
    const facts = describeFacts(end.failure, end.again ?? null).map(({ text }) => text.trim());
    section("The kernel, and how to run it again:", facts);
    section("QEMU said:", qemuStderr === "" ? [] : [qemuStderr]);
    const isReported = reports.length > 0 && outcome.kind !== "not-started";
    section("The end of the kernel's console:", isReported ? [] : consoleTail.slice(-CONSOLE_LINES));
  }
  return `${lines.join("\n")}\n`;
}

function rowLines(row: SubtestRow): string[] {
  const { status, diagnostics } = row.test;
  const reason = rowReason(row);
  return [
    `${ktapWords[status]}: ${rowName(row)}${reason === "" ? "" : `: ${reason}`}`,
    ...diagnostics.map((line) => `    ${line}`),
  ];
}
