import { codedError } from "@vm/command-plan";

/** What `--fetch` names. */
export type WantedKernel =
  | { readonly kind: "suite"; readonly suite: string }
  | { readonly kind: "version"; readonly version: string };

/** `debian:SUITE`, `VERSION` or `debian:VERSION`. Throws FETCH_NAME_INVALID. */
export function parseWantedKernel(what: string): WantedKernel {
  const name = what.startsWith("debian:") ? what.slice("debian:".length) : what;
  if (/^v?\d[\w.+~-]*$/.test(name)) return { kind: "version", version: name.replace(/^v/, "") };
  if (what !== name && /^[a-z][a-z0-9.-]*(?:\/[a-z][a-z0-9-]*)?$/.test(name))
    return { kind: "suite", suite: name };
  throw codedError("FETCH_NAME_INVALID", `--fetch: expected debian:SUITE or a version, got '${what}'`, {
    hint: "debian:sid, debian:trixie, debian:trixie-backports; or 6.12, 7.2.13.",
  });
}

/** Whether a package's version is of that version of Linux: 6.12 is 6.12.117-1 and 6.12~rc3-1, and not 6.1.176-1. */
export function isOfVersion(packageVersion: string, version: string): boolean {
  const wanted = version.replace("-rc", "~rc");
  return packageVersion.startsWith(wanted) && !/^\w/.test(packageVersion.slice(wanted.length));
}
