import { installFlags, type InstallFlag } from "./install-flags.js";

/** What `arch-install` says of itself and takes, for its parser and for its manual page. */
export interface InstallProgram {
  readonly about: string;
  /** What follows its name in the synopsis. */
  readonly usage: string;
  readonly flags: readonly InstallFlag[];
  /** What its help says after the options. */
  readonly notes: string;
}

/** Where the log goes when nobody says it. */
export const DEFAULT_LOG = "/var/log/arch-install.log";

export const installProgram: InstallProgram = {
  about: "Install Arch Linux on a virtual machine's disk, from within the live system: one script.",
  usage: "--hostname NAME [options]",
  flags: [
    ...installFlags,
    {
      flags: "--log <file>",
      about: `where the output of the programs goes, without --dry-run (default: ${DEFAULT_LOG})`,
    },
    { flags: "-n, --dry-run", about: "print the script instead of running it" },
  ],
  notes: `
Examples:
  arch-install --hostname testvm --dry-run > setup.sh     print the script, to read it or to run it elsewhere
  arch-install --hostname testvm --ssh-key me.pub         install, in the live system of Arch Linux
  arch-install --config testvm.json --fs btrfs --yes      options from a file, and more of them
`,
};
