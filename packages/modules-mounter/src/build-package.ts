import { codedError, errorCode } from "@vm/command-plan";
import { createHash } from "node:crypto";
import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { randomName, makeDirectory } from "@vm/host-files";
import type { Compression } from "./compression.js";
import { renderDebPackage } from "./deb-package.js";
import { renderInstallTarball } from "./install-tarball.js";
import { readMetadata } from "./package-metadata.js";
import { renderPacmanPackage } from "./pacman-package.js";
import type { PacmanPackage, RenderedPackage } from "./rendered-package.js";

/** `pacman`: for `pacman -U`; `deb`: for `dpkg -i`; `tar`: with an install.sh, for any guest with systemd. */
export type PackageFormat = "pacman" | "deb" | "tar";

export interface PackageOptions {
  /** Default: `pacman`. */
  readonly format?: PackageFormat;
  /** Default: `gzip`. `zstd` is a frame with the data as it is. A .deb is always gzip. */
  readonly compression?: Compression;
  /**
   * Seconds since 1970: the time of everything in the package. Default: `SOURCE_DATE_EPOCH` (see
   * https://reproducible-builds.org/specs/source-date-epoch/), else the time that npm gives to every packed file.
   */
  readonly sourceDateEpoch?: number;
}

export interface BuiltPackage {
  /** Absolute. */
  readonly path: string;
  readonly format: PackageFormat;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** 1985-10-26T08:15:00Z, as in every npm package: the same source gives the same bytes also where no time is given. */
const DEFAULT_EPOCH_SECONDS = 499_162_500;
/** What a ustar header holds: eleven octal digits. */
const MAXIMUM_EPOCH_SECONDS = 0o77_777_777_777;

/**
 * Makes the guest's package in memory; nothing is written. The bytes depend on this package's source and the
 * options alone.
 * @throws `SOURCE_DATE_EPOCH_INVALID`, `COMPRESSION_UNSUPPORTED`
 */
export async function renderPackage(
  options?: PackageOptions & { readonly format?: "pacman" },
): Promise<PacmanPackage>;
export async function renderPackage(options?: PackageOptions): Promise<RenderedPackage>;
export async function renderPackage({
  format = "pacman",
  compression = "gzip",
  sourceDateEpoch,
}: PackageOptions = {}): Promise<RenderedPackage> {
  const metadata = readMetadata();
  const epochSeconds = sourceDateEpochOr(sourceDateEpoch);
  switch (format) {
    case "pacman":
      return renderPacmanPackage(metadata, { compression, epochSeconds });
    case "deb":
      if (compression !== "gzip") {
        throw codedError(
          "COMPRESSION_UNSUPPORTED",
          `a .deb is compressed with gzip here, not with ${compression}`,
          {
            hint: "Leave --compression out.",
          },
        );
      }
      return renderDebPackage(metadata, { epochSeconds });
    case "tar":
      return renderInstallTarball(metadata, { compression, epochSeconds });
    default:
      return format satisfies never;
  }
}

/**
 * Writes the guest's package into a directory, which is made when it is missing. An older file of that name is replaced at
 * once, never seen half written.
 * @throws as `renderPackage`; `OUTPUT_NOT_A_DIRECTORY`, and the error of the file system when the directory cannot be written
 */
export async function buildPackage({
  outputDirectory,
  ...options
}: PackageOptions & { readonly outputDirectory: string }): Promise<BuiltPackage> {
  const { fileName, content } = await renderPackage(options);
  const directory = resolve(outputDirectory);
  const path = join(directory, fileName);
  makeOutputDirectory(directory);
  const temporary = join(directory, `.${fileName}.${randomName()}`);
  try {
    writeFileSync(temporary, content);
    chmodSync(temporary, 0o644);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return {
    path,
    format: options.format ?? "pacman",
    sizeBytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  };
}

function makeOutputDirectory(path: string): void {
  try {
    makeDirectory(path);
  } catch (cause) {
    const code = errorCode(cause);
    if (code !== "EEXIST" && code !== "ENOTDIR") throw cause;
    const what = code === "EEXIST" ? "it is something else" : "a part of its path is something else";
    throw codedError("OUTPUT_NOT_A_DIRECTORY", `${path} is no directory: ${what}`, {
      hint: "Name a directory: it is made when it is missing, and the package gets its own name in it.",
      cause,
    });
  }
}

function sourceDateEpochOr(given: number | undefined): number {
  const { SOURCE_DATE_EPOCH } = process.env;
  const text = given === undefined ? SOURCE_DATE_EPOCH : String(given);
  if (text === undefined || text === "") return DEFAULT_EPOCH_SECONDS;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= MAXIMUM_EPOCH_SECONDS) return seconds;
  throw codedError(
    "SOURCE_DATE_EPOCH_INVALID",
    `SOURCE_DATE_EPOCH: expected seconds since 1970, got ${JSON.stringify(text)}`,
    { hint: "Set it to whole seconds, for example the output of git log -1 --format=%ct, or unset it." },
  );
}
