import type { DryRun } from "@vm/command-requests";
import { historyOf, readReport, renderHistory, renderHistoryHtml, type OldReport } from "@vm/kernel-matrix";
import { openReportFiles, renderJson, type ReportRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { toScript } from "@vm/command-plan";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface ReportOptions extends DryRun {
  readonly html?: string;
  readonly json?: true;
}

const examples = `
Each report is what vm test --report wrote. The columns are the runs, the oldest first; tests inside tests are told where they did not
pass in every run. TREND is steady, failing, broke, fixed or unstable.

Examples:
  vm report monday.json tuesday.json today.json
  vm report results/*.json --html history.html
  vm report old.json new.json --json | jq '.rows[] | select(.trend == "broke")'
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<reports...>", "JSON reports of vm test")
    .option("--html <file>", "write a page to look at")
    .option("--json", "print a JSON document instead of the table")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action((reports: readonly string[], { html, json, dryRun }: ReportOptions) => {
      const request: ReportRequest = { operation: "report", reports };
      const host = ownHost(context);
      const read = request.reports.map((name): OldReport => readReport(name, host.cwd));
      if (dryRun === true) {
        writeOutput(toScript(host.repeat()));
        return;
      }
      const files = openReportFiles([[html, renderHistoryHtml]], host.cwd);
      try {
        const history = historyOf(read);
        files.write(history);
        writeOutput(json === true ? renderJson(history) : renderHistory(history));
      } finally {
        files.discard();
      }
    });
}
