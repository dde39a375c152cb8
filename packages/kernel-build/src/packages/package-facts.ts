import { basename } from "node:path";
import { isRelease } from "../release-name.js";
import type { PackageFormat } from "./package-format.js";

/** What a package says about itself, and which part of a kernel it is. */
export interface PackageFacts {
  /** The path of its file. */
  readonly file: string;
  readonly format: PackageFormat;
  /** Its own name; the file's where it says none. */
  readonly name: string;
  /** Empty where it says none. */
  readonly version: string;
  /** In the words of its format; empty where it is for any. */
  readonly arch: string;
  readonly needs: readonly Need[];
  readonly provides: readonly Named[];
  readonly holds: Holdings;
}

/** A name with a version, where one is given. */
export interface Named {
  readonly name: string;
  readonly version?: string;
}

/** What it depends on: one of these, and of exactly that version where one is given. */
export type Need = readonly Named[];

/** The releases of Linux of which it holds something. */
export interface Holdings {
  readonly image: readonly string[];
  readonly modules: readonly string[];
  /** The configuration, and lists of what is built in or a module. */
  readonly base: readonly string[];
}

/** What a package with these files holds. Headers, debug symbols and the like are nothing that boots. */
export function holdingsOf(paths: Iterable<string>): Holdings {
  const found = { image: new Set<string>(), modules: new Set<string>(), base: new Set<string>() };
  for (const path of paths) {
    const part = partOf(path);
    if (part !== null && isRelease(part.release)) found[part.kind].add(part.release);
  }
  return { image: [...found.image], modules: [...found.modules], base: [...found.base] };
}

function partOf(path: string): { readonly kind: keyof Holdings; readonly release: string } | null {
  const boot = /^(?:\.?\/)?(?:usr\/)?boot\/(vmlinu[xz]|Image|bzImage|image|config)-([^/]+)$/.exec(path);
  if (boot?.[2] !== undefined) {
    // Checksums that lie beside an image; and what is both in one file is an image.
    return boot[2].endsWith(".hmac")
      ? null
      : { kind: boot[1] === "config" ? "base" : "image", release: boot[2] };
  }
  const inModules = /^(?:\.?\/)?(?:usr\/)?lib\/modules\/([^/]+)\/(.+)$/.exec(path);
  const [, release = "", rest = ""] = inModules ?? [];
  if (release === "" || /^(?:build|source)\//.test(rest)) return null;
  if (/\.ko(?:\.(?:gz|xz|zst))?$/.test(rest)) return { kind: "modules", release };
  if (/^(?:vmlinu[xz]|Image|bzImage|image)$/.test(rest)) return { kind: "image", release };
  return /^(?:config|modules\.\w[\w.]*)$/.test(rest) ? { kind: "base", release } : null;
}

/** Every release of which it holds something. */
export function releasesIn({ holds }: Pick<PackageFacts, "holds">): string[] {
  return [...new Set([...holds.image, ...holds.modules, ...holds.base])];
}

/** The facts of an archive that says nothing about itself but its files. */
export function plainFacts(file: string, format: PackageFormat, paths: Iterable<string>): PackageFacts {
  return {
    file,
    format,
    name: basename(file),
    version: "",
    arch: "",
    needs: [],
    provides: [],
    holds: holdingsOf(paths),
  };
}
