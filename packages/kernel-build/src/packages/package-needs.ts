import type { Named, PackageFacts } from "./package-facts.js";

/** Names of packages with a kernel's files, and what those of Fedora provide. */
export function isKernelPart(name: string): boolean {
  return /^linux-(?:image|binary|modules|base)-/.test(name) || /^kernel(?:-\w+)*(?:-uname-r)?$/.test(name);
}

/** Whether a name is of one release, and does not only lead on to one. */
export function isOfRelease({ name, version }: Named): boolean {
  return name.startsWith("linux-") ? /-\d+\.\d/.test(name) : version !== undefined;
}

/** Whether a package is one of those that are needed, or provides it. */
export function answers(facts: PackageFacts, need: readonly Named[]): boolean {
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
