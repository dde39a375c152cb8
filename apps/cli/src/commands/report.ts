import { reportCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { historyOf, readReport, renderHistory, renderHistoryHtml, type OldReport } from "@vm/kernel-matrix";
import { openReportFiles, renderJson, type ReportRequest } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { toScript } from "@vm/command-plan";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface ReportOptions extends DryRun {
  readonly html?: string;
  readonly json?: true;
}

export const define: CommandModule["define"] = definition(
  reportCommand,
  (context) =>
    (reports: readonly string[], { html, json, dryRun }: ReportOptions) => {
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
    },
);
