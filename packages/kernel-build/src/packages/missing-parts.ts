import { basename, dirname } from "node:path";
import { codedError } from "@vm/command-plan";
import type { Candidates } from "./package-candidates.js";
import type { Named, PackageFacts } from "./package-facts.js";

/** A part that is not there, as a person looks for it: `linux-modules-7.2.13_*.deb`. */
export interface Missing {
  readonly pattern: string;
  /** Its name, as the package has it. */
  readonly name: string;
  readonly version?: string;
}

/** What was named is of several kernels. */
export function differ(what: string): Error {
  return codedError("PACKAGE_PARTS_DIFFER", `the packages are not the parts of one kernel: ${what}`, {
    hint: "Between + are the parts of one kernel; several kernels are several -k.",
  });
}

/** A package as a person named it. */
export function label({ file }: PackageFacts): string {
  return basename(file);
}

/** What a package depends on, as it is looked for. */
export function missingNeed({ name, version }: Named, { format, arch }: PackageFacts): Missing {
  if (format !== "rpm") {
    return { name, pattern: `${name}_*.deb`, ...(version === undefined ? {} : { version }) };
  }
  // kernel-modules-uname-r = 6.17.4-200.fc42.x86_64+debug is in kernel-modules-6.17.4-200.fc42.x86_64.rpm
  const own = name.replace(/^(kernel(?:-(?!modules|core)\w+)*)-uname-r$/, "$1-core").replace(/-uname-r$/, "");
  const release = (version ?? "*").replace(/\+[\w.]*$/, "");
  return { name: own, pattern: `${own}-${release.endsWith(`.${arch}`) ? release : `${release}.*`}.rpm` };
}

/** How the package with this part is called, where a package of a known family says it; empty where modules may be none at all. */
export function nameOfPart(
  part: "image" | "modules",
  release: string,
  chosen: readonly PackageFacts[],
): Missing[] {
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

/** Parts of the kernel are neither named nor beside. */
export function partsMissing(
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

/** What was named has no kernel, and leads to none. */
export function leadsNowhere({ named }: Candidates, missing: readonly Missing[]): Error {
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
