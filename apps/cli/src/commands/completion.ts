import { readFileSync } from "node:fs";
import { join } from "node:path";
import { completionCommand, completionShells, shellAnswer } from "@vm/command-guide";
import { usageError, type DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { print } from "../dry-run.js";
import { ownFiles } from "../own-files.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  completionCommand,
  (context) => (name: string, words: readonly string[], options: DryRun) => {
    const shell = completionShells.find((each) => each === name);
    if (shell === undefined)
      throw usageError(`vm completion: expected ${completionShells.join(", ")}, got '${name}'`);
    const text =
      words.length === 0
        ? readFileSync(join(ownFiles("completion"), `vm.${shell}`), "utf8")
        : shellAnswer(shell, words, { host: ownHost(context), documents: ownFiles("docs") });
    print(text, options);
  },
);
