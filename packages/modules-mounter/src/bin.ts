import { parseArgs } from "node:util";
import { codedError, plainText, writeAll } from "@vm/command-plan";
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

/** Beside those of `parseArgs`. */
const wrongUsage: readonly string[] = ["USAGE", "COMPRESSION_UNSUPPORTED"];

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
    writeAll(1, USAGE);
    return;
  }
  const built = await buildPackage({
    outputDirectory: values.output,
    format: oneOf("--format", FORMATS, values.format),
    compression: oneOf("--compression", COMPRESSIONS, values.compression),
  });
  writeAll(1, `${built.path}\n`);
}

function oneOf<T extends string>(option: string, choices: readonly T[], given: string): T {
  const found = choices.find((choice) => choice === given);
  if (found === undefined) {
    throw codedError("USAGE", `${option}: expected ${choices.join(", ")}, got ${JSON.stringify(given)}`, {
      hint: "vm-modules-package --help explains the options.",
    });
  }
  return found;
}

/** Runs the program with the arguments of the process, and sets its exit code. */
export async function main(): Promise<void> {
  // Until it is known better: a program that ends before its work is done has not succeeded.
  process.exitCode = 1;
  try {
    await run();
    process.exitCode = 0;
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

/** 1; 2 for a command line that means nothing; 141 for a closed output. */
function reportFailure(error: unknown): number {
  const { message, code, hint }: { message: string; code?: unknown; hint?: unknown } =
    error instanceof Error ? error : { message: String(error) };
  if (code === "EPIPE") return 141;
  try {
    writeAll(2, plainText(`vm-modules-package: ${message}\n${typeof hint === "string" ? `${hint}\n` : ""}`));
  } catch {
    // Standard error takes nothing: the exit code has to say it.
  }
  const isUsage =
    typeof code === "string" && (wrongUsage.includes(code) || code.startsWith("ERR_PARSE_ARGS_"));
  return isUsage ? 2 : 1;
}
