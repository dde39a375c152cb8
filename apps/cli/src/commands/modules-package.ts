import type { DryRun } from "@vm/command-requests";
import { modulesPackageScript, writeModulesPackage, type ModulesPackageRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface PackageCommandOptions extends DryRun {
  readonly output: string;
  readonly format: NonNullable<ModulesPackageRequest["format"]>;
  readonly compression: NonNullable<ModulesPackageRequest["compression"]>;
}

const examples = `
Examples:
  vm modules-package -o /tmp                  for Arch guests: pacman -U /tmp/vm-modules-mounter-*.pkg.tar.gz
  vm modules-package -o /tmp --format deb     for Debian guests
  vm modules-package -o /tmp --format tar     for any guest with systemd: it holds an install.sh
`;

export function define(command: Command, context: CommandContext): void {
  command
    .option("-o, --output <directory>", "where to write it", ".")
    .addOption(
      command
        .createOption("--format <name>", "kind of package")
        .choices(["pacman", "deb", "tar"])
        .default("pacman"),
    )
    .addOption(
      command
        .createOption("--compression <name>", "gzip, none, or zstd (stored, not compressed)")
        .choices(["gzip", "zstd", "none"])
        .default("gzip"),
    )
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async ({ output, format, compression, dryRun }: PackageCommandOptions) => {
      const host = ownHost(context);
      const request: ModulesPackageRequest = {
        operation: "modules-package",
        directory: output,
        format,
        compression,
      };
      if (dryRun === true) writeOutput(await modulesPackageScript(request, host));
      else writeOutput(`${(await writeModulesPackage(request, host)).path}\n`);
    });
}
