import { parseArgs } from "node:util";
import { buildPackage, type PackageFormat } from "./build-package.js";
import type { Compression } from "./compression.js";

const USAGE = `Usage: vm-modules-package [-o DIRECTORY] [--format pacman|deb|tar] [--compression gzip|zstd|none]

Writes the package that a guest needs to mount the modules of the host's kernel builds, and prints its path.

  -o, --output DIRECTORY   where to write it (default: the current directory)
      --format FORMAT      pacman (default), deb, or tar with an install.sh
      --compression NAME   gzip (default), none, or zstd (a frame of zstd with the data as it is)
  -h, --help               this text

Example: vm-modules-package -o /tmp && pacman -U /tmp/vm-modules-mounter-*.pkg.tar.gz
`;

const FORMATS: readonly PackageFormat[] = ["pacman", "deb", "tar"];
const COMPRESSIONS: readonly Compression[] = ["gzip", "zstd", "none"];

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      output: { type: "string", short: "o", default: "." },
      format: { type: "string", default: "pacman" },
      compression: { type: "string", default: "gzip" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const built = await buildPackage({
    outputDirectory: values.output,
    format: oneOf("--format", FORMATS, values.format),
    compression: oneOf("--compression", COMPRESSIONS, values.compression),
  });
  process.stdout.write(`${built.path}\n`);
}

function oneOf<T extends string>(option: string, choices: readonly T[], given: string): T {
  const found = choices.find((choice) => choice === given);
  if (found === undefined) {
    throw new Error(`${option}: expected ${choices.join(", ")}, got ${JSON.stringify(given)}`);
  }
  return found;
}

/** Runs the program with the arguments of the process, and sets its exit code. */
export function main(): void {
  run().catch((error: Error & { readonly hint?: string }) => {
    const hint = error.hint === undefined ? "" : `${error.hint}\n`;
    process.stderr.write(`vm-modules-package: ${error.message}\n${hint}`);
    process.exitCode = 1;
  });
}
