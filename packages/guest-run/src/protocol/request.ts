/** What to run in the guest, and in whose name. */
export interface CommandRequest {
  /** For the guest's `/bin/sh -c`. Any bytes but NUL, of any length. */
  readonly command: Uint8Array;
  /** The variables of the command's environment. */
  readonly environment: { readonly [name: string]: string };
  /** The command's working directory; `/` where the guest does not have it. */
  readonly cwd: string;
  /** Whom the command runs as; root if absent. */
  readonly user?: CommandUser;
  /** The streams: pipes (`stdin` `none`: /dev/null), or a terminal of a size. */
  readonly streams:
    | { readonly kind: "pipes"; readonly stdin: "port" | "none" }
    | { readonly kind: "terminal"; readonly rows: number; readonly columns: number };
  /** What the guest writes at the end of the output. */
  readonly mark: string;
  /** The host's UNIX socket of the port for more commands; absent: there is no such port. Absolute. */
  readonly execSocket?: string;
}

export interface CommandUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}
