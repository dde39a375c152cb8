/** What errors of Node, of our packages and of a request may carry. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly path?: string;
  readonly syscall?: string;
  readonly exitCode?: number;
  readonly stack?: string;
  /** Of a `RequestFault`. */
  readonly field?: string;
  readonly problem?: string;
}

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "disk quota exceeded",
  EMFILE: "too many open files",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is not a directory",
  EROFS: "the file system is read-only",
};

/**
 * What went wrong, as one sentence for a person.
 * @param nameOf what the person has typed for a field of a request, such as an option
 */
export function failureText(
  { message, code, path, syscall, field, problem }: Failure,
  nameOf: (field: string) => string,
): string {
  if (field !== undefined && problem !== undefined) return `${nameOf(field)}: ${problem}`;
  if (syscall === "uv_cwd") return "the directory that you stand in is gone";
  const meaning = code === undefined ? undefined : systemErrors[code];
  return meaning !== undefined && path !== undefined ? `${path}: ${meaning}` : message;
}
