import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const completionCommand: CommandDeclaration = {
  arguments: [
    ["<shell>", "bash, zsh or fish"],
    ["[words...]", "what the script asks for at a Tab"],
  ],
  usage: "[options] <shell> [-- words...]",
  options: [dryRunOption],
  notes: `
The packages of vm install these scripts. Without them:
  bash   vm completion bash > ~/.local/share/bash-completion/completions/vm     (or: source <(vm completion bash))
  zsh    vm completion zsh > DIRECTORY/_vm     a directory of $fpath, before compinit
  fish   vm completion fish > ~/.config/fish/completions/vm.fish

At each Tab the script asks vm itself, so it never is older than vm: for zsh and fish with the words before the cursor and the one at it,
for bash with the line up to the cursor and COMP_WORDBREAKS. The answer's first line says whether files are good too
(none, files or directories) and after how many characters of the word they begin; then a line for each candidate.

Examples:
  vm completion bash
  vm completion fish -- run -k ''
`,
};
