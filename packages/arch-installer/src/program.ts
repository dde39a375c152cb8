import type { Command } from "commander";
import { addInstallOptions } from "./option-host.js";

const EXAMPLES = `
Examples:
  arch-install --hostname testvm --dry-run > setup.sh     print the script, to read it or to run it elsewhere
  arch-install --hostname testvm --ssh-key me.pub         install, in the live system of Arch Linux
  arch-install --config testvm.json --fs btrfs --yes      options from a file, and more of them
`;

/** Where the log goes when nobody says it. */
export const DEFAULT_LOG = "/var/log/arch-install.log";

/** What `arch-install` says of itself, for `--help` and for its manual page: all but its action. */
export function defineProgram(program: Command): Command {
  program
    .usage("--hostname NAME [options]")
    .description("Install Arch Linux on a virtual machine's disk, from within the live system: one script.");
  addInstallOptions(program);
  return program
    .option(
      "--log <file>",
      `where the output of the programs goes, without --dry-run (default: ${DEFAULT_LOG})`,
    )
    .option("-n, --dry-run", "print the script instead of running it")
    .addHelpText("after", EXAMPLES);
}
