import { basename, dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { isDirectory, isFile } from "@vm/host-files";
import { architectureOf } from "../architecture.js";
import { bootableImage } from "../image/bootable-image.js";
import { wantedOptions } from "../needs/checked-options.js";
import { readOptions } from "../needs/config-file.js";
import { imageFileRelease, imageKind } from "../image/image-kind.js";
import { imagePlaces, installedReleases, modulesParents } from "./installed-releases.js";
import type { BuildWarning, LaidOutKernel, ModulesState } from "../kernel-build.js";
import type { KernelOptions } from "../kernel-options.js";
import type { Lookup } from "./kernel-location.js";
import { checkedRelease } from "../release-name.js";

/** A root with a kernel in it, and which of its kernels is meant. */
export interface Layout {
  readonly kind: LaidOutKernel["kind"];
  /** The directory with `boot/` and `lib/modules/` (or `usr/lib/modules/`). Absolute. */
  readonly root: string;
  /** The newest one when it is not said. */
  readonly release?: string;
  /** The image that was named; else the one that stands at one of the usual places. */
  readonly image?: string;
  /** The package that the root was unpacked from, as it was named. */
  readonly package?: string;
  /** All packages that it was unpacked from. */
  readonly parts?: readonly string[];
}

/** Whether a directory looks like such a root. */
export function isLayout(directory: string): boolean {
  return installedReleases(directory).length > 0;
}

/** The root and the release of a path `ROOT/lib/modules/RELEASE`, or null for another path. Throws RELEASE_INVALID. */
export function layoutOfModules(
  directory: string,
): { readonly root: string; readonly release: string } | null {
  for (const parent of modulesParents.toReversed()) {
    if (!dirname(directory).endsWith(`/${parent}`)) continue;
    const root = dirname(directory).slice(0, -parent.length);
    return {
      root: root === "/" ? root : root.slice(0, -1),
      release: checkedRelease(basename(directory), directory),
    };
  }
  return null;
}

/**
 * The kernel in a root. Throws KERNEL_NOT_FOUND (no image there), KERNEL_ARCH_UNKNOWN, and what `bootableImage` throws.
 */
export function resolveLayout(layout: Layout, lookup: Lookup): LaidOutKernel {
  const { kind, root } = layout;
  const releases = layout.release === undefined ? installedReleases(root) : [layout.release];
  const { file, release } = findImage(layout, releases);
  const tree = modulesParents.map((parent) => join(root, parent, release)).find((path) => isDirectory(path));
  const configFile = [
    join(root, "boot", `config-${release}`),
    ...(tree === undefined ? [] : [join(tree, "config")]),
  ].find((path) => isFile(path));
  const options = configFile === undefined ? {} : readOptions(configFile, wantedOptions);
  const arch =
    (configFile === undefined ? undefined : architectureOf(options)?.name) ?? imageKind(file)?.arch;
  if (arch === undefined || arch === null) {
    throw codedError("KERNEL_ARCH_UNKNOWN", `${file} is for an architecture unknown here`, {
      hint: "It may be for a machine that QEMU does not have.",
    });
  }
  return {
    kind,
    root,
    image: bootableImage(file, lookup),
    release,
    arch,
    modules: modulesState({ tree, configFile, options }),
    options,
    ...(tree === undefined ? {} : { tree }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(layout.package === undefined ? {} : { package: layout.package }),
    ...(layout.parts === undefined ? {} : { parts: layout.parts }),
    warnings: otherReleases({ root, release, releases }),
  };
}

function findImage(
  { root, image, package: archive }: Layout,
  releases: readonly string[],
): { readonly file: string; readonly release: string } {
  const [first] = releases;
  if (image !== undefined && first !== undefined) return { file: image, release: first };
  for (const release of releases) {
    const place = imagePlaces(release).find((path) => isFile(join(root, path)));
    if (place !== undefined) return { file: join(root, place), release };
  }
  // Copied by hand with no release in its name.
  const plain = plainImage(root);
  if (plain !== null) {
    const kind = imageKind(plain);
    const release = kind === null ? null : imageFileRelease(plain, kind);
    if (release !== null && (releases.length === 0 || releases.includes(release)))
      return { file: plain, release };
  }
  if (archive !== undefined) {
    throw codedError("PACKAGE_WITHOUT_KERNEL", `${archive} holds no kernel image`, {
      hint: "It may be a package that only depends on the kernel's (a metapackage), or has headers or modules only: name the package with the image.",
    });
  }
  const seen = first === undefined ? "" : ` of ${releases.join(" or ")}`;
  throw codedError(
    "KERNEL_NOT_FOUND",
    `${root} has no kernel image${seen}: neither boot/vmlinuz-RELEASE nor lib/modules/RELEASE/vmlinuz`,
    {
      hint: "INSTALL_PATH=ROOT/boot `make install` puts it there; or name the image with -k, and its modules are found beside it.",
    },
  );
}

function plainImage(root: string): string | null {
  const names = ["boot/vmlinuz", "boot/bzImage", "boot/Image", "boot/Image.gz", "boot/vmlinux"];
  const found = names.map((name) => join(root, name)).find((path) => isFile(path));
  return found ?? null;
}

function modulesState({
  tree,
  configFile,
  options,
}: {
  readonly tree: string | undefined;
  readonly configFile: string | undefined;
  readonly options: KernelOptions;
}): ModulesState {
  if (configFile !== undefined && options["CONFIG_MODULES"] !== "y") return "unsupported";
  return tree === undefined ? "absent" : "built";
}

function otherReleases({
  root,
  release,
  releases,
}: {
  readonly root: string;
  readonly release: string;
  readonly releases: readonly string[];
}): BuildWarning[] {
  const others = releases.filter((other) => other !== release);
  if (others.length === 0) return [];
  const message = `${root} has several kernels: ${release} is taken, the newest with an image, and not ${others.join(" or ")}`;
  return [
    {
      code: "KERNEL_NAME_AMBIGUOUS",
      message,
      hint: "Name the image, or lib/modules/RELEASE, of another one.",
    },
  ];
}
