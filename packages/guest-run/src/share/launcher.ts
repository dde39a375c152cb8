import { tmpdir } from "node:os";
import { join } from "node:path";
import { virtiofsScript } from "../guest-asset.js";
import type { HostShare, OfferedShares } from "./host-share.js";

/** Of a socket's path, whose 107 bytes also hold the names in it. */
const MAX_BASE_BYTES = 60;

/** A path like no other for the directory of a run's sockets. Whoever runs the launcher makes it first, for its owner alone. */
export function newShareDirectory(): string {
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  const base = tmpdir();
  const isUsable = base.startsWith("/") && Buffer.byteLength(base) <= MAX_BASE_BYTES;
  return join(isUsable ? base : "/tmp", `vm-${randomBytes(8).toString("hex")}`);
}

/**
 * The command that starts a virtiofsd for each share, waits until all of them listen, and becomes `argv` (QEMU), with the
 * same pid: see guest/vm-virtiofs. Just `argv` where there is nothing to start.
 */
export function withShareDaemons(
  argv: readonly [program: string, ...args: string[]],
  { way, shares, directory }: OfferedShares,
): readonly [program: string, ...args: string[]] {
  if (way.kind === "9p" || shares.length === 0) return argv;
  const launcher = ["/bin/sh", virtiofsScript()] as const;
  const { kind, path } = way.daemon;
  const words = ({ id, access, cache, path: source }: HostShare): string[] => {
    const mode = access === "read-only" ? "ro" : "rw";
    return [...launcher, "share", directory, id, mode, cache, kind, path, source];
  };
  const [first, ...rest] = [...shares.flatMap(words), ...launcher, "wait", directory, ...argv];
  return first === undefined ? argv : [first, ...rest];
}
