import { resolve } from "node:path";
import { toScript } from "@vm/command-plan";
import { buildPackage, renderPackage, type Compression, type PackageFormat } from "@vm/modules-mounter";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";
import { writeOutput } from "../output.js";

interface PackageCommandOptions extends DryRun {
  readonly output: string;
  readonly format: PackageFormat;
  readonly compression: Compression;
}

const examples = `
Examples:
  vm modules-package -o /tmp                  for Arch guests: pacman -U /tmp/vm-modules-mounter-*.pkg.tar.gz
  vm modules-package -o /tmp --format deb     for Debian guests
  vm modules-package -o /tmp --format tar     for any guest with systemd: it holds an install.sh
`;

export function define(command: Command, { cwd }: CommandContext): void {
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
      const outputDirectory = resolve(cwd, output);
      if (dryRun !== true) {
        writeOutput(`${(await buildPackage({ outputDirectory, format, compression })).path}\n`);
        return;
      }
      const { fileName, content } = await renderPackage({ format, compression });
      writeOutput(
        toScript([
          { kind: "make-directory", path: outputDirectory, parents: true },
          { kind: "write-file", path: resolve(outputDirectory, fileName), content, mode: 0o644 },
        ]),
      );
    });
}
