import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { cacheRoom, fingerprint, isDirectory, isFile, makeCacheRoom, makeDirectory } from "@vm/host-files";
import { sayingAgain } from "../long-work.js";
import { compareReleases } from "../release-order.js";
import { aptError } from "./apt-errors.js";
import { dateOfLists, fetchLists, runApt, type AptLists, type AptSource } from "./apt-lists.js";
import { checkedMirror, debianKeyring, mirrorOfApt } from "./apt-mirror.js";
import { kernelsWithParts, parsePackages, type DebianKernel, type DebianPackage } from "./debian-packages.js";
import { debianArch, flavourOf, isKernelOfFlavour } from "./kernel-flavour.js";
import { isOfVersion, parseWantedKernel } from "./wanted-kernel.js";

export interface FetchRequest {
  /** `debian:SUITE` or a version. */
  readonly what: string;
  /** By any of its names. */
  readonly arch: string;
  /** `cloud`, `rt`...; default: the usual kernel of the architecture. */
  readonly flavour?: string;
  /** Default: the Debian mirror of this machine's apt. */
  readonly mirror?: string;
  /** A file with the keys that may have signed; default: Debian's. */
  readonly keyring?: string;
  /** The directory that `keyring` is relative to. */
  readonly cwd: string;
  readonly cacheDir: string;
  readonly onWait: (message: string) => void;
  /** Stops it: what was downloaded stays for the next time, and the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A kernel of Debian in the cache. */
export interface FetchedKernel {
  /** The directory with its packages: what `-k` takes. */
  readonly path: string;
  readonly release: string;
  /** Of the packages. */
  readonly version: string;
  /** The files. */
  readonly packages: readonly string[];
}

/*
 *     CACHE/debian/NAME-HASH/           the packages of one kernel; NAME: linux-image-R_VERSION_ARCH; HASH: of the mirror and the keyring
 *     CACHE/debian/.NAME-HASH.partial/  what was downloaded of it so far: the next one goes on with that
 */
const roomName = "debian";

/**
 * Where a version is looked for, by codename: a mirror that lags behind may call another one stable than its other parts do. What it has not
 * is passed over.
 */
const suites = [
  "sid",
  "experimental",
  ...["forky", "trixie", "bookworm"].flatMap((name) => [name, `${name}-updates`, `${name}-backports`]),
  "bullseye",
] as const;

/**
 * Downloads a released kernel with all of its packages from a mirror of Debian, checked by the signatures and checksums of apt, unless it is
 * there. An interrupted download is resumed. Throws FETCH_NAME_INVALID, MIRROR_INVALID, MIRROR_UNKNOWN, KEYRING_MISSING, KERNEL_ARCH_UNKNOWN,
 * APT_MISSING, FETCH_NO_CONNECTION, FETCH_SUITE_UNKNOWN, FETCH_SIGNATURE_INVALID, FETCH_CHECKSUM_WRONG, FETCH_DISK_FULL, FETCH_FAILED,
 * FETCH_KERNEL_UNKNOWN, FETCH_KERNEL_INCOMPLETE, and what `makeCacheRoom` throws.
 */
export async function fetchKernel(request: FetchRequest): Promise<FetchedKernel> {
  const scratch = mkdtempSync(join(tmpdir(), "vm-fetch-"));
  try {
    return await fetchWith(request, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function fetchWith(request: FetchRequest, scratch: string): Promise<FetchedKernel> {
  const wanted = parseWantedKernel(request.what);
  const arch = debianArch(request.arch);
  const flavour = flavourOf(arch, request.flavour);
  const mirror = request.mirror === undefined ? mirrorOfApt() : checkedMirror(request.mirror);
  const source: AptSource = {
    mirror,
    keyring: keyringOf(request),
    arch,
    cacheDir: request.cacheDir,
    onWait: request.onWait,
    signal: request.signal,
  };
  if (wanted.kind === "suite") {
    const lists = await fetchLists(source, { suites: [wanted.suite], absent: "an error", scratch });
    const image = await newestIn(lists, flavour);
    if (image === undefined) throw await unknownFlavour(lists, { flavour, where: wanted.suite });
    return download(lists, await wholeOf(lists, [image], flavour));
  }
  const lists = await fetchLists(source, { suites, absent: "passed over", scratch });
  const images = await kernelsIn(lists, flavour);
  const found = images.filter(
    ({ name, version }) => isOfVersion(version, wanted.version) || name === `linux-image-${wanted.version}`,
  );
  if (found.length > 0) return download(lists, await wholeOf(lists, found, flavour));
  if (images.length === 0) throw await unknownFlavour(lists, { flavour, where: mirror });
  throw codedError("FETCH_KERNEL_UNKNOWN", `${mirror} has no Linux ${wanted.version} (${flavour})`, {
    hint: await whatThereIs(lists, images),
  });
}

/** The first of them that the mirror has all packages of: of kernels that were replaced it may keep a few. Throws FETCH_KERNEL_INCOMPLETE. */
async function wholeOf(
  lists: AptLists,
  images: readonly DebianPackage[],
  flavour: string,
): Promise<DebianKernel> {
  const kernels = await kernelsWithParts(lists, images);
  const whole = kernels.find(({ missing }) => missing.length === 0);
  if (whole !== undefined) return whole;
  const lacks = kernels.map(
    ({ image, missing }) => `of ${image.name} ${image.version}: ${missing.join(", ")}`,
  );
  throw codedError("FETCH_KERNEL_INCOMPLETE", `${lists.source.mirror} lacks ${lacks[0]}`, {
    hint: `Name another version. ${await whatThereIs(lists, await kernelsIn(lists, flavour))}`,
  });
}

/** Which versions the mirror has all packages of. */
async function whatThereIs(lists: AptLists, images: readonly DebianPackage[]): Promise<string> {
  const whole = (await kernelsWithParts(lists, images)).filter(({ missing }) => missing.length === 0);
  const versions = new Set(whole.map(({ image }) => image.version.replace(/-[^-]*$/, "")));
  return versions.size === 0 ? "It has none that is whole." : `It has ${[...versions].join(", ")}.`;
}

function keyringOf({ keyring, cwd }: FetchRequest): string {
  if (keyring === undefined) return debianKeyring();
  const file = resolve(cwd, keyring);
  if (isFile(file)) return file;
  throw codedError("KEYRING_MISSING", `--keyring: there is no file ${file}`);
}

/** The kernel that the package without a release in its name depends on. */
async function newestIn(lists: AptLists, flavour: string): Promise<DebianPackage | undefined> {
  const [meta] = parsePackages(await lists.query("show", "--no-all-versions", `linux-image-${flavour}`));
  const name = /\blinux-image-\d[^\s,|(]*/.exec(meta?.depends ?? "")?.[0];
  if (name === undefined) return (await kernelsIn(lists, flavour))[0];
  return parsePackages(await lists.query("show", "--no-all-versions", name))[0];
}

/** All kernels of a flavour, the newest first. */
async function kernelsIn(lists: AptLists, flavour: string): Promise<DebianPackage[]> {
  const names = (await lists.query("pkgnames", "linux-image-"))
    .split("\n")
    .filter((name) => isKernelOfFlavour(name, flavour));
  if (names.length === 0) return [];
  return parsePackages(await lists.query("show", "--all-versions", ...names)).toSorted((a, b) =>
    compareReleases(b.version.replace("~rc", "-rc"), a.version.replace("~rc", "-rc")),
  );
}

async function unknownFlavour(
  lists: AptLists,
  { flavour, where }: { readonly flavour: string; readonly where: string },
): Promise<Error> {
  const others = (await lists.query("pkgnames", "linux-image-"))
    .split("\n")
    .filter((name) => /^linux-image-[a-z0-9]/.test(name) && !/\d\.\d|-dbg$|-unsigned$/.test(name))
    .map((name) => name.replace("linux-image-", ""))
    .toSorted();
  return codedError("FETCH_KERNEL_UNKNOWN", `${where} has no kernel ${flavour} for ${lists.source.arch}`, {
    hint: others.length === 0 ? "It has none for that architecture." : `It has ${others.join(", ")}.`,
  });
}

async function download(lists: AptLists, { image, parts }: DebianKernel): Promise<FetchedKernel> {
  const { source } = lists;
  const release = image.name.replace("linux-image-", "");
  const name = `${image.name}_${image.version.replaceAll(/[^\w.+~-]/g, "_")}_${source.arch}`;
  const key = `${name}-${fingerprint(`${source.mirror}\0${source.keyring}`)}`;
  const room = makeCacheRoom(source.cacheDir, roomName);
  const place = join(cacheRoom(source.cacheDir, roomName), key);
  if (!isDirectory(place)) {
    const draft = join(room, `.${key}.partial`);
    makeDirectory(draft);
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const date = dateOfLists(lists);
    source.onWait(
      `fetching ${image.name} ${image.version}${parts.length === 1 ? "" : ` in ${parts.length} packages`} (${Math.ceil(bytes / 1e6)} MB)${date === undefined ? "" : `, of ${date}`}`,
    );
    const failure = await sayingAgain(
      () => downloadFailure(draft, { lists, parts, image, lock: join(room, `.${key}.lock`) }),
      (seconds) => {
        const there = megabytesIn(draft);
        if (there === undefined) return;
        source.onWait(`${there} of ${Math.ceil(bytes / 1e6)} MB of ${image.name} are there (${seconds} s)`);
      },
    );
    // Another `vm` that was faster has renamed what this one was to go on with.
    if (failure !== undefined && !isDirectory(place)) {
      // Whatever is wrong in it would be gone on with.
      if (Reflect.get(failure, "code") === "FETCH_CHECKSUM_WRONG")
        rmSync(draft, { recursive: true, force: true });
      throw failure;
    }
    putInPlace(draft, place);
    rmSync(join(room, `.${key}.lock`), { force: true });
  }
  const packages = readdirSync(place)
    .filter((entry) => entry.endsWith(".deb"))
    .toSorted()
    .map((entry) => join(place, entry));
  return { path: place, release, version: image.version, packages };
}

/** Whole or not. Undefined: another `vm` was faster, and has renamed it meanwhile. */
function megabytesIn(directory: string): number | undefined {
  try {
    const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
    return Math.floor(sizes.reduce((sum, size) => sum + size, 0) / 1e6);
  } catch {
    return undefined;
  }
}

async function downloadFailure(
  directory: string,
  { image, ...how }: Parameters<typeof downloadInto>[1] & { readonly image: DebianPackage },
): Promise<Error | undefined> {
  try {
    const { status, stderr } = await downloadInto(directory, how);
    if (status === 0) return undefined;
    return aptError(stderr, `${image.name} cannot be fetched from ${how.lists.source.mirror}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** apt's own helper goes on with half a file, which apt-get itself begins anew. From a file of this machine only apt-get makes a copy. */
async function downloadInto(
  directory: string,
  {
    lists,
    parts,
    lock,
  }: { readonly lists: AptLists; readonly parts: readonly DebianPackage[]; readonly lock: string },
): ReturnType<typeof runApt> {
  const words = parts.map((part) => `${part.name}=${part.version}`);
  const located = await lists.locate(words);
  const isRemote = located.every(({ uri, hash }) => /^https?:/.test(uri) && hash.startsWith("SHA"));
  if (!isRemote || located.length !== parts.length || !isFile(aptHelper))
    return runApt(lists, ["download", ...words], { cwd: directory, lock });
  const files = located.flatMap(({ uri, name, hash }) => [uri, join(directory, basename(name)), hash]);
  return runApt(lists, ["download-file", ...files], { cwd: directory, lock, program: aptHelper });
}

const aptHelper = "/usr/lib/apt/apt-helper";

function putInPlace(draft: string, place: string): void {
  try {
    renameSync(draft, place);
  } catch (error) {
    // Another `vm` was faster: what it has is as good.
    if (!isDirectory(place)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}
