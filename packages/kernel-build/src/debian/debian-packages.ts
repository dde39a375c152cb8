import type { AptLists } from "./apt-lists.js";

/** A package as the lists of a mirror have it. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly depends: string;
  readonly bytes: number;
}

/** What apt-cache tells of packages, as it prints them. */
export function parsePackages(text: string): DebianPackage[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1] ?? "";
    const [name, version] = [field("Package"), field("Version")];
    return name === "" || version === ""
      ? []
      : [{ name, version, depends: field("Depends"), bytes: Number(field("Size")) }];
  });
}

/** A kernel, and which of its packages the lists have. */
export interface DebianKernel {
  readonly image: DebianPackage;
  /** The image and those of its dependencies that hold the rest of the kernel. */
  readonly parts: readonly DebianPackage[];
  /** What is not there, by name, with the version where only that one will do. */
  readonly missing: readonly string[];
}

/** Kernels with their packages, in the same order. */
export async function kernelsWithParts(
  lists: AptLists,
  images: readonly DebianPackage[],
): Promise<DebianKernel[]> {
  const names = new Set(images.flatMap(partsOf).map(({ name }) => name));
  const all = names.size === 0 ? [] : parsePackages(await lists.query("show", "--all-versions", ...names));
  return images.map((image) => {
    const found = partsOf(image).map(({ name, version }) => {
      const candidates = all.filter((part) => part.name === name);
      const same = candidates.find((part) => part.version === (version ?? image.version));
      return same ?? (version === undefined ? candidates[0] : undefined) ?? `${name} ${version ?? ""}`.trim();
    });
    return {
      image,
      parts: [image, ...found.filter((part) => typeof part !== "string")],
      missing: found.filter((part) => typeof part === "string"),
    };
  });
}

/** Those of its dependencies that hold the rest of the kernel; `version` where only that one will do. */
function partsOf(image: DebianPackage): { readonly name: string; readonly version: string | undefined }[] {
  const release = image.name.replace("linux-image-", "");
  return image.depends.split(/[,|]/).flatMap((entry) => {
    const [, name = "", version] = /^\s*([^\s(:]+)[^(]*(?:\(= *([^\s)]+)\))?/.exec(entry) ?? [];
    return /^linux-(?:base|binary|modules)/.test(name) && name.endsWith(`-${release}`)
      ? [{ name, version }]
      : [];
  });
}
