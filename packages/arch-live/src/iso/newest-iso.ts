import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { cacheRoom, daysUnused, isFile, keptDays, lockFile, makeCacheRoom, noteUse } from "@vm/host-files";
import { download, type DownloadProgress } from "./download.js";
import { getShort, type HttpRequest } from "./http-request.js";
import { DEFAULT_MIRROR, latestUrl } from "./mirror.js";
import { forgetOrigin, removePartial } from "./partial-file.js";
import type { Environment } from "./proxy.js";
import { newestRelease, type IsoRelease } from "./release.js";
import { sha256Of } from "./sha256.js";
import { checkSignature } from "./signature.js";

/** What a person who waits wants to know. */
export type IsoEvent =
  | ({ readonly kind: "download"; readonly fileName: string } & DownloadProgress)
  | { readonly kind: "checking"; readonly fileName: string }
  | { readonly kind: "notice"; readonly text: string };

export interface NewestIso {
  /** Where images are kept: `CACHE/iso`. It is made if it does not exist. */
  readonly directory: string;
  /** A mirror of Arch Linux; `iso/latest/` is below it. */
  readonly mirror?: string;
  /** Keys that may sign the image, instead of Arch Linux's own. */
  readonly keyring?: string;
  /** Proxies are read from it. */
  readonly env: Environment;
  readonly onEvent?: (event: IsoEvent) => void;
  readonly signal?: AbortSignal;
  /** See `download`. */
  readonly retryMs?: number;
}

/**
 * The path of the newest image of Arch Linux's live system: out of the cache, or downloaded into it. A file has its name in
 * the cache only when its checksum was right, and its signature was not wrong. Of two at once, one downloads. With no
 * network, an image that is there already is taken.
 * @throws MIRROR_INVALID, MIRROR_UNREACHABLE, ISO_NOT_LISTED, DOWNLOAD_FAILED, DISK_FULL, CHECKSUM_WRONG, SIGNATURE_BAD,
 *   CACHE_UNUSABLE, CACHE_UNTRUSTED; the reason of `signal`
 */
export async function newestIso(job: NewestIso): Promise<string> {
  try {
    return await findNewest(job);
  } catch (error) {
    // Whatever was going on, it is the stop that ended it.
    job.signal?.throwIfAborted();
    throw error;
  }
}

async function findNewest(job: NewestIso): Promise<string> {
  const { directory, mirror = DEFAULT_MIRROR, onEvent, signal } = job;
  cacheRoom(...roomOf(directory));
  const url = latestUrl(mirror, "sha256sums.txt");
  let release: IsoRelease;
  try {
    release = newestRelease((await getShort(url, requestOf(job))).toString(), { url });
  } catch (error) {
    signal?.throwIfAborted();
    const known = newestCachedIso(directory);
    if (known === undefined) throw unreachable(url, error);
    onEvent?.({ kind: "notice", text: `${url} cannot be read; an image of the cache is taken: ${known}` });
    return known;
  }
  const path = join(directory, release.fileName);
  if (!isFile(path)) await fetchIso(job, { release, mirror, path });
  noteUse(path);
  removeOld(directory, path);
  return path;
}

/** The newest image in the cache; undefined where there is none. Touches nothing. */
export function newestCachedIso(directory: string): string | undefined {
  const name = isoNames(directory).toSorted().at(-1);
  return name === undefined ? undefined : join(directory, name);
}

interface Target {
  readonly release: IsoRelease;
  readonly mirror: string;
  readonly path: string;
}

async function fetchIso(job: NewestIso, { release, mirror, path }: Target): Promise<void> {
  const { directory, onEvent, signal } = job;
  const { fileName, sha256 } = release;
  makeCacheRoom(...roomOf(directory));
  const unlock = await lockFile(join(directory, "lock"), {
    onWait: () => onEvent?.({ kind: "notice", text: "another vm is downloading an image: waiting for it" }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    if (isFile(path)) return;
    const partial = `${path}.part`;
    const url = latestUrl(mirror, fileName);
    const wasThere = isFile(partial);
    const load = async (): Promise<boolean> => {
      await download({
        ...requestOf(job),
        url,
        path: partial,
        onProgress: (progress) => onEvent?.({ kind: "download", fileName, ...progress }),
        ...(job.retryMs === undefined ? {} : { retryMs: job.retryMs }),
      });
      onEvent?.({ kind: "checking", fileName });
      if ((await sha256Of(partial, signal === undefined ? {} : { signal })) === sha256) return true;
      removePartial(partial);
      return false;
    };
    // What was begun long ago, or from another mirror, may not fit the rest: then once more from the beginning.
    if (!(await load()) && !(wasThere && (await load()))) throw wrongChecksum(url, release);
    await checkIsoSignature(job, { url, partial });
    renameSync(partial, path);
    forgetOrigin(partial);
  } finally {
    unlock();
  }
}

async function checkIsoSignature(
  job: NewestIso,
  { url, partial }: { readonly url: string; readonly partial: string },
): Promise<void> {
  const { onEvent, keyring, env, signal } = job;
  const skip = (reason: string): void => {
    onEvent?.({ kind: "notice", text: `the checksum is right; the signature was not checked: ${reason}` });
  };
  const signature = await getSignature(`${url}.sig`, requestOf(job));
  if (signature === undefined) return skip("the mirror has none");
  const file = `${partial}.sig`;
  try {
    writeFileSync(file, signature);
    const result = await checkSignature({
      file: partial,
      signature: file,
      env,
      ...(keyring === undefined ? {} : { keyring }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (result.state === "unchecked") skip(result.reason);
    else onEvent?.({ kind: "notice", text: `signed by ${result.by}` });
  } catch (error) {
    // It is what the checksum says, and nobody vouches for that: it is of no use.
    if (errorCode(error) === "SIGNATURE_BAD") removePartial(partial);
    throw error;
  } finally {
    rmSync(file, { force: true });
  }
}

async function getSignature(url: string, request: HttpRequest): Promise<Buffer | undefined> {
  try {
    return await getShort(url, request);
  } catch {
    request.signal?.throwIfAborted();
    return undefined;
  }
}

function requestOf({ env, signal }: NewestIso): HttpRequest {
  return { env, ...(signal === undefined ? {} : { signal }) };
}

const ISO_NAME = /^archlinux-\d{4}\.\d{2}\.\d{2}-x86_64\.iso$/;

function isoNames(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => ISO_NAME.test(name));
  } catch {
    return [];
  }
}

function roomOf(directory: string): [cacheDir: string, room: string] {
  return [dirname(directory), basename(directory)];
}

/** Each month has a new image of more than a gigabyte: older ones go when nobody used them for a month. */
function removeOld(directory: string, kept: string): void {
  for (const entry of readdirSync(directory)) {
    const path = join(directory, entry);
    if (!ISO_NAME.test(entry.replace(/\.part(\.from)?$/, "")) || path.startsWith(kept)) continue;
    if (daysUnused(path) > keptDays) rmSync(path, { force: true });
  }
}

function unreachable(url: string, cause: unknown): Error {
  if (cause instanceof Error && errorCode(cause) === "ISO_NOT_LISTED") return cause;
  const reason = cause instanceof Error ? cause.message || String(Reflect.get(cause, "code")) : String(cause);
  return codedError("MIRROR_UNREACHABLE", `${url} cannot be read: ${reason}`, {
    hint: "Check the network (http_proxy and https_proxy are honoured), take another mirror with --mirror, or give an image with --iso.",
    cause,
  });
}

function wrongChecksum(url: string, { sha256 }: IsoRelease): Error {
  return codedError("CHECKSUM_WRONG", `${url} is not what the mirror's sha256sums.txt says (${sha256})`, {
    hint: "The file was thrown away. Take another mirror with --mirror, or try again later: this one may be half-way through an update.",
  });
}
