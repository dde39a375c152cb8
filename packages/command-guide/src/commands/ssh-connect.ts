import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const sshConnectCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the guest"]],
  options: [dryRunOption],
};
