import { errorCode } from "@vm/command-plan";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isFile } from "@vm/host-files";
import { compareReleases } from "../release-order.js";
import type { BuildWarning } from "../kernel-build.js";
import type { Lookup } from "../lookup/kernel-location.js";
import { choosePackages, isSecondChoice } from "./package-choice.js";
import { releasesIn, type PackageFacts } from "./package-facts.js";
import type { NamedPackages, PackageSet } from "./kernel-packages.js";
import { packageFormat, type PackageFormat } from "./package-format.js";
import { readFacts } from "./read-facts.js";
import { rememberedSet } from "./remembered-set.js";

/** In a directory with more packages than this, only those are looked into whose names are a kernel's. */
const manyPackages = 64;

/**
 * Finds the packages of one kernel: those that are named, those that they depend on beside them, and (where one alone or a directory is
 * named) what else was built with that kernel. Once found, the answer is remembered for as long as all these files are as they were.
 * Throws what `choosePackages` and `readFacts` throw.
 */
export function packageSet(named: NamedPackages, lookup: Lookup): PackageSet {
  const files = named.kind === "files" ? named.files : [];
  const directories =
    named.kind === "files" ? [...new Set(files.map((file) => dirname(file)))] : [named.directory];
  const others = directories.flatMap(packagesIn).filter((file) => !files.includes(file));
  return rememberedSet({ named, files: [...files, ...others], lookup, find: () => findSet(files, others) });
}

function findSet(files: readonly string[], others: readonly string[]): PackageSet {
  const [only] = files;
  if (only !== undefined && files.length === 1) {
    const format = packageFormat(only);
    // All in one, whatever is beside it.
    if (format === "tar" || format === null) return alone(only);
    const facts = readFacts(only, format);
    const isWhole = facts.holds.image.length > 0 && facts.holds.modules.length > 0;
    const same = isWhole && format === "deb" ? [] : others.filter((file) => formatOf(file) === format);
    return chosen({ named: [facts], ...readable(same), take: "all" }, []);
  }
  if (files.length > 1) {
    const facts = files.map((file) => readFacts(file, packageFormat(file) ?? "tar"));
    return chosen(
      { named: facts, ...readable(others.filter((file) => formatOf(file) !== "tar")), take: "needed" },
      [],
    );
  }
  const { beside, unreadable } = readable(others);
  const images = newestFirst(beside.filter(({ holds }) => holds.image.length > 0));
  const first = images[0] ?? newestFirst(beside)[0];
  if (first === undefined) {
    // Every one of them is damaged: the first says how.
    const [damaged = ""] = others;
    return alone(readFacts(damaged, packageFormat(damaged) ?? "tar").file);
  }
  const rest = beside.filter((facts) => facts !== first);
  return chosen({ named: [first], beside: rest, unreadable, take: "all" }, otherKernels(first, images));
}

function alone(file: string): PackageSet {
  return { parts: [file], added: [], filled: [file], warnings: [] };
}

function chosen(
  candidates: Parameters<typeof choosePackages>[0],
  warnings: readonly BuildWarning[],
): PackageSet {
  const { parts, release } = choosePackages(candidates);
  const filled = parts
    .filter((facts) => release === undefined || releasesIn(facts).length > 0)
    .toSorted((a, b) => b.holds.image.length - a.holds.image.length || (a.file < b.file ? -1 : 1));
  return {
    parts: parts.map(({ file }) => file),
    filled: filled.map(({ file }) => file),
    added: parts.filter((facts) => !candidates.named.includes(facts)).map(({ file }) => file),
    ...(release === undefined ? {} : { release }),
    warnings,
  };
}

/** Signed ones before unsigned ones of the same release. */
function newestFirst(found: readonly PackageFacts[]): PackageFacts[] {
  return found.toSorted(
    (a, b) =>
      compareReleases(b.holds.image[0] ?? "", a.holds.image[0] ?? "") ||
      Number(isSecondChoice(a)) - Number(isSecondChoice(b)) ||
      compareReleases(b.version, a.version),
  );
}

function otherKernels(first: PackageFacts, images: readonly PackageFacts[]): BuildWarning[] {
  const [release = ""] = releasesIn(first);
  const others = [...new Set(images.flatMap(({ holds }) => holds.image))].filter(
    (other) => other !== release,
  );
  if (others.length === 0) return [];
  return [
    {
      code: "KERNEL_NAME_AMBIGUOUS",
      message: `${dirname(first.file)} has the packages of several kernels: ${release} is taken, the newest, and not ${others.join(" or ")}`,
      hint: "Name the package with the image of another one.",
    },
  ];
}

function readable(files: readonly string[]): {
  readonly beside: PackageFacts[];
  readonly unreadable: string[];
} {
  const beside: PackageFacts[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    const format = formatOf(file);
    if (format === null) continue;
    try {
      beside.push(readFacts(file, format));
    } catch (error) {
      if (errorCode(error) === "UNPACKER_MISSING") throw error;
      unreadable.push(file);
    }
  }
  return { beside, unreadable };
}

function formatOf(file: string): PackageFormat | null {
  try {
    return packageFormat(file);
  } catch {
    return null;
  }
}

/** The files of a directory that have a package's name. */
export function packagesIn(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) =>
      /\.(?:deb|rpm|pkg\.tar(?:\.\w+)?|tar(?:\.\w+)?|tgz|txz)$/.test(name),
    );
  } catch {
    // A file may be named in a directory that may not be listed.
    return [];
  }
  const wanted =
    names.length > manyPackages ? names.filter((name) => /^(?:linux|kernel)-/.test(name)) : names;
  return wanted
    .map((name) => join(directory, name))
    .filter((file) => isFile(file))
    .toSorted();
}

/** As a person reads them: `linux-base_1_amd64.deb and linux-modules_1_amd64.deb`. */
export function namesOf(files: readonly string[]): string {
  const names = files.map((file) => basename(file));
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
