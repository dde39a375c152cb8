import { readdirSync, statSync } from "node:fs";
import { release as hostRelease } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { codedError } from "@vm/command-plan";
import { isFile, readableText, readRegular } from "@vm/host-files";
import { imageLimit, maxConfigBytes } from "../image/decompression.js";
import { bzImageRelease, readImage } from "../image/image-content.js";
import { namesPackages } from "../packages/named-packages.js";
import { checkedRelease, isRelease } from "../release-name.js";
import type { Lookup } from "./kernel-location.js";
import { outputOf, resolveKernel } from "./resolve-kernel.js";

/** The configuration of a kernel, and where it was found. */
export interface FoundConfig {
  readonly text: string;
  /** For the person: `/boot/config-6.1.0`, `in /boot/vmlinuz-6.1.0`. */
  readonly from: string;
  /** What `uname -r` says, where that is known. */
  readonly release: string | null;
  /** The build tree that it belongs to, or null. */
  readonly tree: string | null;
}

/**
 * The configuration of what `-k` names: of everything that `findConfig` finds, and of what only `-k` knows: a package, which is unpacked into
 * the cache, a name in `builds`, a source tree whose builds are where KBUILD_OUTPUT says.
 *
 * @throws what `findConfig` and, of packages, `resolveKernel` throw
 */
export async function resolveConfig(what: string, lookup: Lookup): Promise<FoundConfig> {
  const { cwd, hostRoot } = lookup;
  const root = hostRoot === undefined ? {} : { root: hostRoot };
  return findConfig(await placeOf(what, lookup), { cwd, ...root });
}

async function placeOf(what: string, lookup: Lookup): Promise<string> {
  const { cwd, builds = [] } = lookup;
  const path = resolve(cwd, what);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (namesPackages(what, cwd)) {
    const found = await resolveKernel(what, lookup);
    if (found.configFile === undefined) return found.image;
    // The directory says the release as well.
    return found.kind === "unpacked" ? found.root : found.configFile;
  }
  if (stats?.isDirectory() === true) return outputOf(path, lookup) ?? what;
  if (stats !== undefined || what.includes("/")) return what;
  const places = builds.map((directory) => resolve(cwd, directory, what));
  return places.find((place) => statSync(place, { throwIfNoEntry: false }) !== undefined) ?? what;
}

export interface ConfigLookup {
  /** Where the person stands; absolute. */
  readonly cwd: string;
  /** Where other directories' kernels are looked for instead of `/`; for tests. */
  readonly root?: string;
}

/**
 * Finds the configuration of a kernel: of a build tree or unpacked package (a directory), in a `.config` (plain or
 * gzip, as /proc/config.gz), in an image built with CONFIG_IKCONFIG, beside an image or in /boot by the image's release,
 * or of an installed release by its name (`6.1.0-13-amd64`, `host` for the one that runs here).
 *
 * Throws errors with a `code`: KERNEL_NOT_FOUND, KERNEL_CONFIG_NOT_FOUND, KERNEL_UNREADABLE, RELEASE_INVALID.
 */
export function findConfig(kernel: string, lookup: ConfigLookup): FoundConfig {
  const path = resolve(lookup.cwd, kernel);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    const found = kernel.includes("/")
      ? null
      : configOfRelease(kernel === "host" ? hostRelease() : kernel, lookup);
    if (found !== null) return found;
    throw codedError(
      "KERNEL_NOT_FOUND",
      `there is no ${path}, and no release ${kernel} with a configuration`,
      {
        hint: "Name a build tree, a .config, a kernel image, or an installed release.",
      },
    );
  }
  return stats.isDirectory() ? configOfDirectory(path) : configOfFile(path, lookup);
}

function configOfDirectory(directory: string): FoundConfig {
  const own = join(directory, ".config");
  if (isFile(own)) {
    const file = join(directory, "include/config/kernel.release");
    const said = readableText(file)?.trim() ?? "";
    const release = said === "" ? null : checkedRelease(said, file);
    return { text: read(own).toString("utf8"), from: own, release, tree: directory };
  }
  // An unpacked package, and a directory of modules.
  for (const { path, release } of inside(directory)) {
    if (isFile(path)) return { text: read(path).toString("utf8"), from: path, release, tree: null };
  }
  throw codedError("KERNEL_CONFIG_NOT_FOUND", `${directory} has no .config, boot/config-* or config`, {
    hint: "Name a build tree, or the image or configuration itself.",
  });
}

function inside(directory: string): { readonly path: string; readonly release: string | null }[] {
  const boot = listed(join(directory, "boot")).filter((name) => releaseOfName(name) !== null);
  const modules = ["lib/modules", "usr/lib/modules"].flatMap((parent) =>
    listed(join(directory, parent))
      .filter(isRelease)
      .flatMap((release) => [
        { path: join(directory, parent, release, "config"), release },
        { path: join(directory, parent, release, "build/.config"), release },
      ]),
  );
  const ownName = isRelease(basename(directory)) ? basename(directory) : null;
  return [
    ...boot.map((name) => ({ path: join(directory, "boot", name), release: name.slice("config-".length) })),
    ...modules,
    { path: join(directory, "config"), release: ownName },
    { path: join(directory, "build/.config"), release: ownName },
  ];
}

function configOfFile(file: string, lookup: ConfigLookup): FoundConfig {
  const bytes = read(file);
  const text = configText(bytes);
  if (text !== null) return { text, from: file, release: releaseOfName(file), tree: null };
  // First what was installed together with the image: to unpack a kernel takes seconds.
  const said = bzImageRelease(bytes, file);
  const installed = said === null ? null : firstOf([join(dirname(file), `config-${said}`)], said);
  if (installed !== null) return installed;
  const image = readImage(bytes, file);
  if (image.config !== null) {
    return { text: image.config, from: `in ${file}`, release: image.release, tree: null };
  }
  const { release, missing } = image;
  const found = release === null ? null : (configBeside(file, release) ?? configOfRelease(release, lookup));
  if (found !== null) return found;
  const looked = release === null ? "" : `, nor was ${join("/boot", `config-${release}`)} found`;
  throw codedError("KERNEL_CONFIG_NOT_FOUND", `${file} has no configuration in it${looked}`, {
    hint: /\.(?:deb|rpm|pkg\.tar\.\w+)$/.test(file)
      ? `\`vm kernel ${file}\` unpacks a package and says where: name that directory.`
      : missing === undefined
        ? "Name its .config; a kernel built with CONFIG_IKCONFIG=y carries its own."
        : `It is compressed with ${missing.format}: install ${missing.program} to look into it, or name its .config.`,
  });
}

/** The text, when these are the bytes of a `.config`, plain or packed with gzip as /proc/config.gz is. */
function configText(bytes: Buffer): string | null {
  let plain = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      plain = gunzipSync(bytes, { maxOutputLength: maxConfigBytes });
    } catch {
      return null;
    }
  }
  const head = plain.toString("latin1", 0, 4096);
  const isConfig =
    /^(?:#.*\n|\s*\n|CONFIG_\w+=.*\n)+/.test(`${head}\n`) &&
    /^(?:CONFIG_\w+=|# CONFIG_\w+ is not set|# .* Configuration$)/m.test(head) &&
    !head.includes("\0");
  return isConfig ? plain.toString("utf8") : null;
}

/** In the directory of an image (as in boot/), or in that of its modules (as in /usr/lib/modules/R). */
function configBeside(image: string, release: string): FoundConfig | null {
  const directory = dirname(image);
  return firstOf([join(directory, `config-${release}`), join(directory, "config")], release);
}

function configOfRelease(release: string, { root = "/" }: ConfigLookup): FoundConfig | null {
  const own = release === hostRelease() ? ["proc/config.gz"] : [];
  const places = [
    `boot/config-${release}`,
    `usr/lib/modules/${release}/config`,
    `lib/modules/${release}/config`,
    `lib/modules/${release}/build/.config`,
    ...own,
  ];
  return firstOf(
    places.map((place) => join(root, place)),
    release,
  );
}

function firstOf(paths: readonly string[], release: string): FoundConfig | null {
  for (const path of paths) {
    const text = isFile(path) ? configText(read(path)) : null;
    if (text !== null) return { text, from: path, release, tree: null };
  }
  return null;
}

function releaseOfName(file: string): string | null {
  const release = /^config-(.+)$/.exec(basename(file))?.[1] ?? null;
  return release !== null && isRelease(release) ? release : null;
}

function read(file: string): Buffer {
  try {
    return readRegular(file, imageLimit);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError("KERNEL_UNREADABLE", `${file} cannot be read: ${reason}`, { cause: error });
  }
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return [];
  }
}
