import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const modulesPackageCommand: CommandDeclaration = {
  options: [
    ["-o, --output <directory>", "where to write it", { default: "." }],
    ["--format <name>", "kind of package", { default: "pacman", choices: ["pacman", "deb", "tar"] }],
    [
      "--compression <name>",
      "gzip, none, or zstd (stored, not compressed)",
      { default: "gzip", choices: ["gzip", "zstd", "none"] },
    ],
    dryRunOption,
  ],
  notes: `
Examples:
  vm modules-package -o /tmp                  for Arch guests: pacman -U /tmp/vm-modules-mounter-*.pkg.tar.gz
  vm modules-package -o /tmp --format deb     for Debian guests
  vm modules-package -o /tmp --format tar     for any guest with systemd: it holds an install.sh
`,
};
