import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { codedError, errorCode } from "@vm/command-plan";
import { discard, getUrl, type HttpRequest, type HttpResponse } from "./http-request.js";
import { noteOrigin, readPartial, removePartial } from "./partial-file.js";

/** How far a download is, in bytes; `total` is absent where the server does not say it. */
export interface DownloadProgress {
  readonly received: number;
  readonly total?: number;
}

export interface Download extends Omit<HttpRequest, "headers"> {
  readonly url: string;
  /** The file that grows; what an earlier download left of it is not fetched again. */
  readonly path: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** How long to wait before a connection that was cut is tried again. */
  readonly retryMs?: number;
}

/** Tries in a row that bring nothing new. */
const MAX_VAIN_TRIES = 4;

/**
 * Downloads a file, going on where an earlier download ended, and by itself when the connection is cut. Whatever happens,
 * what has come stays in the file for the next time.
 * @throws DOWNLOAD_FAILED, DISK_FULL; Node's AbortError
 */
export async function download(job: Download): Promise<void> {
  const { path, url, retryMs = 1000, signal } = job;
  let vain = 0;
  for (;;) {
    const before = sizeOf(path);
    let cause: unknown;
    try {
      if (await transfer(job)) return;
      cause = new Error("the connection was cut");
    } catch (error) {
      cause = error;
      signal?.throwIfAborted();
      if (isFull(error)) throw diskFull(path, error);
      if (isFinal(error)) throw failed(url, path, error);
    }
    vain = sizeOf(path) > before ? 0 : vain + 1;
    if (vain === MAX_VAIN_TRIES) throw failed(url, path, cause);
    await sleep(vain * retryMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** One connection. True when the file is complete, as far as the server tells. */
async function transfer({ url, path, onProgress, ...request }: Download): Promise<boolean> {
  const { size, validator } = readPartial(path, url);
  const headers = {
    ...(size > 0 ? { Range: `bytes=${size}-` } : {}),
    ...(size > 0 && validator !== undefined ? { "If-Range": validator } : {}),
  };
  const response = await getUrl(url, { ...request, headers });
  const range = readRange(response, size);
  if (range === "complete") return true;
  if (range === "again") {
    discard(response);
    removePartial(path);
    return false;
  }
  const { start, total } = range;
  try {
    const file = openSync(path, start === 0 ? "w" : "r+");
    try {
      if (start === 0) noteOrigin(path, url, response.headers);
      const tell = (received: number): void =>
        onProgress?.(total === undefined ? { received } : { received, total });
      const received = await receive(response.body, file, start, tell);
      return total === undefined || received === total;
    } finally {
      closeSync(file);
    }
  } finally {
    discard(response);
  }
}

/**
 * Writes the body into the file from that position on, and tells how long the file is by then. Each chunk is in the file
 * before the next one is asked for: of what a pipeline holds back, nothing would be left after a cut connection.
 */
async function receive(
  body: Readable,
  file: number,
  start: number,
  tell: (received: number) => void,
): Promise<number> {
  let received = start;
  tell(received);
  body.on("data", (chunk: Buffer) => {
    try {
      writeAt(file, chunk, received);
      received += chunk.length;
      tell(received);
    } catch (error) {
      body.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  await finished(body);
  return received;
}

/** Writes all of the bytes there, or as many as the disk takes. */
function writeAt(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}

/** Where the body belongs in the file; `complete`: all is there; `again`: what is there is of no use. */
function readRange(
  response: HttpResponse,
  size: number,
): { readonly start: number; readonly total?: number } | "complete" | "again" {
  const { status, headers } = response;
  if (status === 200) {
    const length = Number(headers["content-length"]);
    return { start: 0, ...(Number.isInteger(length) ? { total: length } : {}) };
  }
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers["content-range"] ?? "");
  const [, first, all] = match ?? [];
  if (status === 206 && Number(first) === size) {
    return { start: size, ...(all === undefined || all === "*" ? {} : { total: Number(all) }) };
  }
  discard(response);
  if (status === 416 && size > 0 && Number(all) === size) return "complete";
  if ((status === 206 || status === 416) && size > 0) return "again";
  // A server that is down for the moment is asked again; a file that is not there will not come.
  if (status >= 500 || status === 408 || status === 429) throw new Error(`the server answered ${status}`);
  throw codedError("DOWNLOAD_FAILED", `the server answered ${status}`);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function isFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(errorCode(error) ?? "");
}

/** An error of the file system, or the server's last word: another try would not help. */
function isFinal(error: unknown): boolean {
  return (
    errorCode(error) === "DOWNLOAD_FAILED" ||
    ["EACCES", "EROFS", "EISDIR", "EIO", "EPERM"].includes(errorCode(error) ?? "")
  );
}

function diskFull(path: string, cause: unknown): Error {
  return codedError("DISK_FULL", `the disk is full: ${path} has only its first ${sizeOf(path)} bytes`, {
    hint: `Make room in ${dirname(path)} and start again: it goes on from there.`,
    cause,
  });
}

function failed(url: string, path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message || errorCode(cause) : String(cause);
  const size = sizeOf(path);
  return codedError("DOWNLOAD_FAILED", `${url} cannot be downloaded: ${reason}`, {
    hint:
      size === 0
        ? "Check the network, or take another mirror with --mirror."
        : `Start again later: it goes on from the ${size} bytes that have come.`,
    cause,
  });
}
