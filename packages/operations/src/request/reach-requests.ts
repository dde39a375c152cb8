/** A command, or a shell, in a guest that runs: `vm exec`, `vm shell`. */
export interface ExecRequest {
  readonly operation: "exec";
  /** The guest's name. */
  readonly guest: string;
  /** The program and its arguments, each of them exactly as it is. Absent: a shell. */
  readonly command?: readonly string[];
  /** `terminal`: it gets one. `none`: it reads nothing. Default: `pipe`; for a shell `terminal`. */
  readonly input?: "none" | "pipe" | "terminal";
}

/** ssh to a guest that runs: `vm ssh`. */
export interface SshRequest {
  readonly operation: "ssh";
  readonly guest: string;
  /** ssh's own words: options, and a command, which a shell of the guest reads. */
  readonly arguments?: readonly string[];
}

/** Files and directories copied into a guest that runs, or out of it: `vm cp`. */
export interface CopyRequest {
  readonly operation: "copy";
  /** Paths of the host, or `GUEST:PATH`, all of one side. At least one. */
  readonly from: readonly string[];
  /** The other side: a path of the host, or `GUEST:PATH`. A directory that is there gets them below it, as with cp(1). */
  readonly to: string;
  /** Times and modes too. Default: no. */
  readonly preserve?: boolean;
}

/** Ports of this machine that lead into a guest that runs, or the other way round: `vm forward`. */
export interface ForwardRequest {
  readonly operation: "forward";
  readonly guest: string;
  readonly ports: readonly PortForward[];
  /** `cancel` takes such forwards back. Default: `open`; they last as long as the guest. */
  readonly wish?: "cancel" | "open";
}

export interface PortForward {
  /** `to-host`: the guest listens, and gets to this machine. Default: `to-guest`. */
  readonly direction?: "to-guest" | "to-host";
  /** Where it listens; default: 127.0.0.1, for nobody else. */
  readonly address?: string;
  readonly port: number;
  /** Where it leads to, as that side sees it; default: localhost. */
  readonly targetAddress?: string;
  readonly targetPort: number;
}

/** A directory of a guest that runs, mounted on this machine: `vm mount`. */
export interface MountRequest {
  readonly operation: "mount";
  readonly guest: string;
  /** Where: a directory of this machine. */
  readonly directory: string;
  /** The guest's directory. Default: `/`. */
  readonly from?: string;
  readonly access?: "read-only" | "read-write";
}

/** What a client of ssh has to know of guests that run: `vm ssh-config`. */
export interface SshConfigRequest {
  readonly operation: "ssh-config";
  /** At least one. */
  readonly guests: readonly string[];
}
