/**
 * One thing that a command does. Paths are absolute, or relative to the working directory at that point of the plan;
 * they are never empty. A program is named by the first word of `argv` and looked up in PATH; no shell is involved,
 * and a builtin of the shell is never meant (`echo` is the program `echo`).
 */
export type Step =
  /** For the reader of the script. */
  | { readonly kind: "comment"; readonly text: string }
  /**
   * mkdir(2); with `parents` like `mkdir -p`: existing directories are fine and keep their mode. `mode` is exact, whatever
   * the umask, and is that of the last directory only; without it 0777 less the umask.
   */
  | {
      readonly kind: "make-directory";
      readonly path: string;
      readonly parents?: true;
      readonly mode?: number;
    }
  /**
   * Creates or truncates the file (in place: a symbolic link is followed). `mode` is exact, whatever the umask; without it
   * a new file gets 0666 less the umask and an old one keeps its own.
   */
  | {
      readonly kind: "write-file";
      readonly path: string;
      readonly content: string | Uint8Array;
      readonly mode?: number;
    }
  /**
   * Runs a program and waits for it; the plan ends with its exit code when that is not 0. It reads `input`, or the
   * standard input of the plan where there is none.
   */
  | {
      readonly kind: "run";
      readonly argv: readonly [string, ...string[]];
      readonly input?: string | Uint8Array;
    }
  /** Replaces the process with a program: always the last step. */
  | { readonly kind: "exec"; readonly argv: readonly [string, ...string[]] }
  /** chdir(2), for the steps that follow. */
  | { readonly kind: "change-directory"; readonly path: string }
  /**
   * rename(2) within one file system: replaces a file or an empty directory at `to`, fails on any other directory, and
   * where both are one file; never moves *into* `to`.
   */
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  /** unlink(2) or rmdir(2); with `recursive` like `rm -rf`: a missing path is fine. */
  | { readonly kind: "remove"; readonly path: string; readonly recursive?: true }
  /**
   * From here on: whenever the plan ends, well or not, or by a signal, `path` (absolute) is removed like with `rm -rf`.
   * For a temporary that a failure must not leave behind. At most one in a plan, and none with `exec`.
   */
  | { readonly kind: "remove-at-end"; readonly path: string };

/** What a command would do, in order. The first step that fails ends it. */
export type Plan = readonly Step[];
