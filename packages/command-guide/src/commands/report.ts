import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const reportCommand: CommandDeclaration = {
  arguments: [["<reports...>", "JSON reports of vm test"]],
  options: [
    ["--html <file>", "write a page to look at"],
    ["--json", "print a JSON document instead of the table"],
    dryRunOption,
  ],
  notes: `
Each report is what vm test --report wrote. The columns are the runs, the oldest first; tests inside tests are told where they did not
pass in every run. TREND is steady, failing, broke, fixed or unstable.

Examples:
  vm report monday.json tuesday.json today.json
  vm report results/*.json --html history.html
  vm report old.json new.json --json | jq '.rows[] | select(.trend == "broke")'
`,
};
