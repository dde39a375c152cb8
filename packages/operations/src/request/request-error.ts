import { resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { isDirectory, isFile } from "@vm/host-files";

/** What is wrong with a field of a request, where that is found out only on the host. */
export interface RequestFault {
  /** The field: `guest.root`. */
  readonly field: string;
  /** What is wrong with it, as a sentence without the field. */
  readonly problem: string;
}

/** An error of a request, `REQUEST_INVALID`, which also is a `RequestFault`: a front end may have its own name for the field. */
export function requestError(field: string, problem: string, hint?: string): Error & RequestFault {
  const error = codedError("REQUEST_INVALID", `${field}: ${problem}`, hint === undefined ? {} : { hint });
  return Object.assign(error, { field, problem });
}

/** The path of an existing directory that a field names, absolute. @throws `REQUEST_INVALID` */
export function existingDirectory(path: string, field: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  if (isDirectory(absolute)) return absolute;
  throw requestError(field, `there is no directory ${absolute}`);
}

/** The path of an existing file that a field names, absolute. @throws `REQUEST_INVALID` */
export function existingFile(path: string, field: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  if (isFile(absolute)) return absolute;
  throw requestError(field, `there is no file ${absolute}`);
}
