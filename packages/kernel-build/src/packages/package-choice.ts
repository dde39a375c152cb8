import { basename, dirname } from "node:path";
import { codedError } from "@vm/command-plan";
import { compareReleases } from "../release-order.js";
import { releasesIn, type Named, type PackageFacts } from "./package-facts.js";

export interface Candidates {
  /** What the person named, in that order. */
  readonly named: readonly PackageFacts[];
  /** The packages that stand beside those. */
  readonly beside: readonly PackageFacts[];
  /** Files that stand beside those and cannot be read. */
  readonly unreadable: readonly string[];
  /** `all`: of the packages beside, also those that nothing depends on (`linux-modules-extra`); `needed`: those that are needed only. */
  readonly take: "all" | "needed";
}

export interface ChosenPackages {
  /** The named ones first. */
  readonly parts: readonly PackageFacts[];
  /** Undefined where the packages do not say it: their files will. */
  readonly release: string | undefined;
}

/**
 * The packages of one kernel: what was named, what that depends on, and what makes it whole. Pure.
 * Throws PACKAGE_PARTS_DIFFER where packages of several kernels were named, PACKAGE_PARTS_MISSING where a part is neither named nor beside,
 * PACKAGE_WITHOUT_KERNEL where what was named leads to no kernel.
 */
export function choosePackages(candidates: Candidates): ChosenPackages {
  const { named, beside, take } = candidates;
  checkAgreement(named);
  const chosen = [...named];
  const missing = addNeeded(chosen, beside);
  const releases = [...new Set(chosen.flatMap(releasesIn))];
  // One archive with several kernels is for the reader of its layout, and one that says nothing too.
  if (releases.length > 1) return { parts: chosen, release: undefined };
  const [release] = releases;
  if (release === undefined) {
    if (chosen.every(({ format }) => format === "tar")) return { parts: chosen, release };
    throw leadsNowhere(candidates, missing);
  }
  for (const part of ["image", "modules"] as const) {
    if (chosen.some(({ holds }) => holds[part].length > 0)) continue;
    const found = best(
      beside.filter((other) => other.holds[part].includes(release) && fits(other, chosen)),
      chosen,
    );
    if (found === undefined) missing.push(...nameOfPart(part, release, chosen));
    else {
      chosen.push(found);
      missing.push(...addNeeded(chosen, beside));
    }
  }
  if (missing.length > 0) throw partsMissing(candidates, { missing, release });
  if (take === "all") addOptional(chosen, beside, release);
  return { parts: chosen, release };
}

/** A part that is not there, as a person looks for it: `linux-modules-7.2.13_*.deb`. */
interface Missing {
  readonly pattern: string;
  /** Its name, as the package has it. */
  readonly name: string;
  readonly version?: string;
}

/** Adds what the packages depend on, and what that depends on; returns what is not there. */
function addNeeded(chosen: PackageFacts[], beside: readonly PackageFacts[]): Missing[] {
  const missing: Missing[] = [];
  // Grows while it is gone through.
  for (const facts of chosen) {
    for (const need of facts.needs) {
      const ofKernel = need.filter(({ name }) => isKernelPart(name));
      if (ofKernel.length === 0 || chosen.some((other) => answers(other, ofKernel))) continue;
      const found = best(
        beside.filter((other) => answers(other, ofKernel) && fits(other, chosen)),
        chosen,
      );
      if (found !== undefined) {
        chosen.push(found);
        continue;
      }
      // With no release in its name it only leads on: linux-generic to linux-image-generic.
      const [first] = ofKernel;
      if (first !== undefined && isOfRelease(first)) missing.push(missingNeed(first, facts));
    }
  }
  return missing.filter(
    ({ pattern }, index) => missing.findIndex((other) => other.pattern === pattern) === index,
  );
}

/** Names of packages with a kernel's files, and what those of Fedora provide. */
function isKernelPart(name: string): boolean {
  return /^linux-(?:image|binary|modules|base)-/.test(name) || /^kernel(?:-\w+)*(?:-uname-r)?$/.test(name);
}

function isOfRelease({ name, version }: Named): boolean {
  return name.startsWith("linux-") ? /-\d+\.\d/.test(name) : version !== undefined;
}

function answers(facts: PackageFacts, need: readonly Named[]): boolean {
  return need.some(({ name, version }) => {
    // An unsigned kernel boots as well.
    const own = facts.name.replace(/^(linux-\w+)-unsigned-/, "$1-");
    if (
      (facts.name === name || own === name) &&
      (version === undefined || facts.version === version || isUpstream(facts, version))
    )
      return true;
    return facts.provides.some(
      (provided) =>
        provided.name === name &&
        (version === undefined || provided.version === undefined || provided.version === version),
    );
  });
}

/** rpm: a requirement may leave the packaging's own number out. */
function isUpstream({ format, version }: PackageFacts, wanted: string): boolean {
  return format === "rpm" && version.startsWith(`${wanted}-`);
}

/** Whether it can be of the same kernel as those, and is none of them in another version. */
function fits(facts: PackageFacts, chosen: readonly PackageFacts[]): boolean {
  return chosen.every(
    (other) =>
      other.name !== facts.name &&
      (other.arch === "" || facts.arch === "" || other.arch === facts.arch) &&
      !(other.holds.image.length > 0 && facts.holds.image.length > 0) &&
      releasesIn(facts).every((release) => {
        const theirs = releasesIn(other);
        return theirs.length === 0 || theirs.includes(release);
      }),
  );
}

/** Of the same version as what is there, signed, the newest. */
function best(found: readonly PackageFacts[], chosen: readonly PackageFacts[]): PackageFacts | undefined {
  const versions = new Set(chosen.map(({ version }) => version));
  const rank = (facts: PackageFacts): number =>
    (versions.has(facts.version) ? 0 : 2) + Number(isSecondChoice(facts));
  return found.toSorted(
    (a, b) => rank(a) - rank(b) || compareReleases(b.version, a.version) || (a.name < b.name ? -1 : 1),
  )[0];
}

/** A kernel that is not signed, and the small one of openSUSE: taken where there is no other one of the release. */
export function isSecondChoice({ name }: PackageFacts): boolean {
  return /-unsigned(?:-|$)|-base$/.test(name);
}

/** What its makers build together with the kernel and nothing depends on. */
function addOptional(chosen: PackageFacts[], beside: readonly PackageFacts[], release: string): void {
  const names = [...new Set(beside.map(({ name }) => name))].filter((name) =>
    /^(?:linux|kernel)-/.test(name),
  );
  for (const name of names) {
    const same = beside.filter(
      (facts) =>
        facts.name === name &&
        facts.holds.image.length === 0 &&
        releasesIn(facts).includes(release) &&
        chosen.some(({ version }) => version === facts.version) &&
        fits(facts, chosen),
    );
    const found = best(same, chosen);
    if (found !== undefined) chosen.push(found);
  }
}

function checkAgreement(named: readonly PackageFacts[]): void {
  const [first, ...others] = named.filter((facts) => releasesIn(facts).length > 0);
  if (first === undefined) return;
  const [release = ""] = releasesIn(first);
  for (const other of others) {
    const [otherRelease = ""] = releasesIn(other);
    if (!releasesIn(other).includes(release))
      throw differ(`${label(first)} is of Linux ${release}, and ${label(other)} of ${otherRelease}`);
    if (first.arch !== "" && other.arch !== "" && first.arch !== other.arch)
      throw differ(`${label(first)} is for ${first.arch}, and ${label(other)} for ${other.arch}`);
    if (first.name === other.name) throw differ(`${label(first)} and ${label(other)} are the same part`);
  }
  const images = named.filter(({ holds }) => holds.image.length > 0);
  if (images.length > 1) throw differ(`${images.map(label).join(" and ")} have a kernel image each`);
}

function differ(what: string): Error {
  return codedError("PACKAGE_PARTS_DIFFER", `the packages are not the parts of one kernel: ${what}`, {
    hint: "Between + are the parts of one kernel; several kernels are several -k.",
  });
}

function label({ file }: PackageFacts): string {
  return basename(file);
}

function missingNeed({ name, version }: Named, { format, arch }: PackageFacts): Missing {
  if (format !== "rpm") {
    return { name, pattern: `${name}_*.deb`, ...(version === undefined ? {} : { version }) };
  }
  // kernel-modules-uname-r = 6.17.4-200.fc42.x86_64+debug is in kernel-modules-6.17.4-200.fc42.x86_64.rpm
  const own = name.replace(/^(kernel(?:-(?!modules|core)\w+)*)-uname-r$/, "$1-core").replace(/-uname-r$/, "");
  const release = (version ?? "*").replace(/\+[\w.]*$/, "");
  return { name: own, pattern: `${own}-${release.endsWith(`.${arch}`) ? release : `${release}.*`}.rpm` };
}

/** How the package with this part is called, where a package of a known family says it; empty where modules may be none at all. */
function nameOfPart(part: "image" | "modules", release: string, chosen: readonly PackageFacts[]): Missing[] {
  const debian = chosen.find(({ format, name }) => format === "deb" && name.startsWith("linux-"));
  if (debian !== undefined) {
    const names = chosen.flatMap(({ name, needs }) => [name, ...needs.flat().map((need) => need.name)]);
    // Debian 14 and newer.
    const inParts = names.some((name) => /^linux-(?:binary|base)-.*\d/.test(name));
    const alone = chosen.every(({ holds }) => holds.base.length === 0);
    if (part === "modules" && !inParts && !alone) return [];
    const name = `linux-${part === "modules" ? "modules" : inParts ? "binary" : "image"}-${release}`;
    return [{ name, pattern: `${name}_*.deb` }];
  }
  const fedora = chosen.find(({ format, name }) => format === "rpm" && /^kernel(?:-|$)/.test(name));
  if (fedora !== undefined) {
    const family = /^kernel((?:-\w+)*?)-(?:modules(?:-\w+)*|core)$/.exec(fedora.name);
    if (part === "modules" && family === null) return [];
    const name = `kernel${family?.[1] ?? ""}-${part === "modules" ? "modules-core" : "core"}`;
    return [{ name, pattern: `${name}-${fedora.version}.${fedora.arch}.rpm` }];
  }
  return part === "modules" ? [] : [{ name: "", pattern: `a package with the image of Linux ${release}` }];
}

function partsMissing(
  { named, beside, unreadable }: Candidates,
  { missing, release }: { readonly missing: readonly Missing[]; readonly release: string },
): Error {
  const directory = directoryOf(named);
  const patterns = [...new Set(missing.map(({ pattern }) => pattern))];
  const other = missing.flatMap(({ name, version }) => {
    const found = beside.find((facts) => facts.name === name);
    const why = version === undefined ? "does not go with the others" : `is not version ${version}`;
    return found === undefined ? [] : [`${label(found)} ${why}`];
  });
  const notes = [...new Set(other), ...unreadable.map((file) => `${basename(file)} cannot be read`)];
  const what = `${named.map(label).join(" and ")} ${named.length === 1 ? "is" : "are"} not the whole of Linux ${release}`;
  return codedError(
    "PACKAGE_PARTS_MISSING",
    `${what}: ${patterns.join(" and ")} ${patterns.length === 1 ? "is" : "are"} not beside ${named.length === 1 ? "it" : "them"}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`,
    {
      hint: `Put ${patterns.length === 1 ? "it" : "them"} into ${directory}, or name all parts: -k A+B. \`vm kernel --fetch\` downloads whole kernels of Debian.`,
    },
  );
}

function directoryOf([first]: readonly PackageFacts[]): string {
  return first === undefined ? "." : dirname(first.file);
}

function leadsNowhere({ named }: Candidates, missing: readonly Missing[]): Error {
  const names = named.map(label).join(" and ");
  if (missing.length > 0) {
    const patterns = missing.map(({ pattern }) => pattern);
    return codedError(
      "PACKAGE_PARTS_MISSING",
      `${names} only depends on a kernel: ${patterns.join(" and ")} ${patterns.length === 1 ? "is" : "are"} not beside it`,
      {
        hint: `Put ${patterns.length === 1 ? "it" : "them"} into ${directoryOf(named)}. \`vm kernel --fetch\` downloads whole kernels of Debian.`,
      },
    );
  }
  return codedError("PACKAGE_WITHOUT_KERNEL", `${names} holds no kernel image`, {
    hint: "It may have headers, debug symbols or documentation only, or depend on a package that is not beside it: name the package with the image.",
  });
}
