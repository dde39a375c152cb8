import { compareReleases } from "../release-order.js";
import {
  differ,
  label,
  leadsNowhere,
  missingNeed,
  nameOfPart,
  partsMissing,
  type Missing,
} from "./missing-parts.js";
import type { Candidates } from "./package-candidates.js";
import { releasesIn, type PackageFacts } from "./package-facts.js";
import { answers, isKernelPart, isOfRelease } from "./package-needs.js";

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
