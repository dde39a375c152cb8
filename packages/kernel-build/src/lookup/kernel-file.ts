import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codedError, quoteShell } from "@vm/command-plan";
import { isFile } from "@vm/host-files";
import { findArchitecture } from "@vm/architectures";
import { architectureOf } from "../architecture.js";
import { bootableImage } from "../image/bootable-image.js";
import { modificationTime, readRelease, resolveTree } from "../tree/build-tree.js";
import { wantedOptions } from "../needs/checked-options.js";
import { readOptions } from "../needs/config-file.js";
import type { ImageKind } from "../image/image-kind.js";
import { imageFileRelease, imageKind } from "../image/image-kind.js";
import type { BareImage, BuildWarning, KernelBuild } from "../kernel-build.js";
import type { Lookup } from "./kernel-location.js";
import { kindOf, treeAbove } from "./kernel-location.js";
import { layoutOfModules, resolveLayout } from "./laid-out-kernel.js";
import { modulesParents } from "./installed-releases.js";
import { packageFormat } from "../packages/package-format.js";
import { resolvePackages } from "../packages/resolve-packages.js";
import { isRelease } from "../release-name.js";

/**
 * The kernel in a file: a package, with those beside it that are of the same kernel; else an image, with the modules of the build tree, or of the installed or unpacked root, that it
 * stands in; else an image alone. Throws what `resolveKernel` throws.
 */
export async function resolveFile(file: string, lookup: Lookup): Promise<KernelBuild> {
  const { format, kind } = lookAt(file);
  if (format !== null) return resolvePackages({ kind: "files", files: [file] }, lookup);
  if (kind === null) throw notAKernel(file);
  if (isPlainElf(kind) && imageFileRelease(file, kind) === null) throw notLinux(file);
  const tree = treeAbove(file);
  const warnings: BuildWarning[] = [];
  if (tree !== null) {
    const release = imageFileRelease(file, kind);
    const built = readRelease(tree);
    const configTime = modificationTime(join(tree, ".config"));
    if (configTime !== null && built !== null && (release === null || release === built))
      return resolveTree({ tree, configTime, image: bootableImage(file, lookup) });
    if (release !== null) warnings.push(otherTree({ file, release, tree, built }));
  } else {
    const layout = layoutOf(realpathSync(file), kind);
    if (layout !== null) {
      const place = layout.root === (lookup.hostRoot ?? "/") ? "installed" : "unpacked";
      return resolveLayout({ kind: place, ...layout, image: file }, lookup);
    }
  }
  return bareImage(file, { kind, warnings, lookup });
}

function lookAt(file: string): {
  readonly format: ReturnType<typeof packageFormat>;
  readonly kind: ImageKind | null;
} {
  try {
    const format = packageFormat(file);
    return { format, kind: format === null ? imageKind(file) : null };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("KERNEL_UNREADABLE", `${file} cannot be read: ${reason}`, { cause });
  }
}

function notAKernel(file: string): Error {
  const tree = treeAbove(file);
  return codedError(
    "KERNEL_IS_A_FILE",
    `${file} is a file, and neither a kernel image nor a package of one`,
    {
      hint:
        tree === null
          ? "Name a bzImage, vmlinux, Image, Image.gz or EFI zboot image, a .deb, .rpm or .pkg.tar.*, or a build tree."
          : `It stands in the build tree ${tree}: name that.`,
    },
  );
}

/** Where the kernel's ELF file is the kernel itself, with its banner. Elsewhere it may be one that unpacks another. */
function isPlainElf({ format, arch }: ImageKind): boolean {
  return format === "vmlinux" && arch !== null && findArchitecture(arch)?.vmlinux === "kernel";
}

/** An ELF file in which no banner of Linux stands. */
function notLinux(file: string): Error {
  const isModule = /\.ko(?:\.\w+)?$/.test(file);
  return codedError(
    "KERNEL_IS_A_FILE",
    isModule
      ? `${file} is a module of a kernel, and no kernel`
      : `${file} is a program (ELF), and no kernel: there is no "Linux version" in it`,
    {
      hint: isModule
        ? "Name the build tree, or the root, that it belongs to: its modules are at hand in the guest."
        : `Name a kernel with -k; to run the program in a guest, add --exec ${quoteShell(file)}.`,
    },
  );
}

function otherTree(image: {
  readonly file: string;
  readonly release: string;
  readonly tree: string;
  readonly built: string | null;
}): BuildWarning {
  const message = `${image.file} is ${image.release}, but the tree that it stands in is ${image.built ?? "not built"}: it boots without modules`;
  return {
    code: "IMAGE_OF_OTHER_RELEASE",
    message,
    hint: `Run \`make\` in ${image.tree}, or name the tree that it was built in.`,
  };
}

/** `ROOT/boot/vmlinuz-R` with `ROOT/lib/modules/R` or `ROOT/boot/config-R`, or `ROOT/lib/modules/R/vmlinuz`. */
function layoutOf(file: string, kind: ImageKind): { readonly root: string; readonly release: string } | null {
  const directory = dirname(file);
  const modules = layoutOfModules(directory);
  if (modules !== null) return modules;
  if (basename(directory) !== "boot") return null;
  const root = dirname(directory);
  const candidates = [releaseOfName(file), imageFileRelease(file, kind)];
  const release = candidates.find(
    (name) =>
      name !== null &&
      [`boot/config-${name}`, ...modulesParents.map((parent) => `${parent}/${name}`)].some(
        (place) => kindOf(join(root, place)) !== "absent",
      ),
  );
  return release === undefined || release === null ? null : { root, release };
}

/** `vmlinuz-6.1.0` */
function releaseOfName(file: string): string | null {
  const release = /^\w+-(\d.*)$/.exec(basename(file))?.[1] ?? null;
  return release !== null && isRelease(release) ? release : null;
}

function bareImage(
  file: string,
  { kind, warnings, lookup }: { kind: ImageKind; warnings: readonly BuildWarning[]; lookup: Lookup },
): BareImage {
  const release = imageFileRelease(file, kind) ?? releaseOfName(file);
  if (release === null) {
    throw codedError("KERNEL_RELEASE_UNKNOWN", `${file} does not say what release of Linux it is`, {
      hint: "It may be compressed with a program that is not installed here (zstd, lz4, xz, bzip2, lzop), or be cut off; or rename it to vmlinuz-RELEASE.",
    });
  }
  const besides = join(dirname(file), `config-${release}`);
  const configFile = isFile(besides) ? besides : undefined;
  const options = configFile === undefined ? {} : readOptions(configFile, wantedOptions);
  const arch = kind.arch ?? architectureOf(options)?.name;
  if (arch === undefined) {
    throw codedError("KERNEL_ARCH_UNKNOWN", `${file} is for an architecture unknown here`, {
      hint: "It may be for a machine that QEMU does not have.",
    });
  }
  return {
    kind: "image",
    image: bootableImage(file, lookup),
    release,
    arch,
    modules: configFile !== undefined && options["CONFIG_MODULES"] !== "y" ? "unsupported" : "absent",
    ...(configFile === undefined ? {} : { configFile }),
    options,
    warnings,
  };
}
