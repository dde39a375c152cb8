import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { HttpResponse } from "./http-request.js";

/** What has come of a file so far, and of which version of it. */
export interface PartialFile {
  readonly size: number;
  /** For `If-Range`: the server then sends the rest only if it is still the same file. Absent where no server said one. */
  readonly validator?: string;
}

interface Origin {
  readonly url: string;
  readonly validator: string;
}

function originFile(path: string): string {
  return `${path}.from`;
}

/** What is there of a download of `url`. */
export function readPartial(path: string, url: string): PartialFile {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const origin = readOrigin(path);
  // Another mirror has other validators for the same file: the checksum decides then.
  return size > 0 && origin?.url === url ? { size, validator: origin.validator } : { size };
}

function readOrigin(path: string): Origin | undefined {
  try {
    const { url, validator }: Partial<Origin> = JSON.parse(readFileSync(originFile(path), "utf8"));
    return url === undefined || validator === undefined ? undefined : { url, validator };
  } catch {
    return undefined;
  }
}

/** Notes which version of the file is being downloaded. RFC 9110: a weak ETag cannot be asked for by `If-Range`. */
export function noteOrigin(path: string, url: string, headers: HttpResponse["headers"]): void {
  const { etag } = headers;
  const validator = etag === undefined || etag.startsWith("W/") ? headers["last-modified"] : etag;
  if (validator === undefined) rmSync(originFile(path), { force: true });
  else writeFileSync(originFile(path), `${JSON.stringify({ url, validator })}\n`);
}

export function forgetOrigin(path: string): void {
  rmSync(originFile(path), { force: true });
}

/** Removes it, to begin again. */
export function removePartial(path: string): void {
  rmSync(path, { force: true });
  forgetOrigin(path);
}
