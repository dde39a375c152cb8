import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const modulesCommand: CommandDeclaration = {
  arguments: [["<kernel>", "what -k takes: a build tree, an image, a package, an installed release"]],
  options: [
    ["--json", "print a JSON document"],
    ["-q, --quiet", "only make the index; print what is wrong on standard error"],
    dryRunOption,
  ],
  notes: `
Examples:
  vm modules ~/linux
  vm modules ~/linux --json | jq -r .release
`,
};
