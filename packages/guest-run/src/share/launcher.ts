import { landlockScript, noSetuidScript, viewScript, virtiofsScript } from "../guest-asset.js";
import type { HostShare, OfferedShares } from "./host-share.js";
import { renderMountTable } from "./mount-table.js";
import { QEMU_VIEWS } from "./view.js";

/** `setuid`: QEMU starts a program that has more rights than itself, for a bridge. */
type NetworkHelper = "setuid" | "none";

/**
 * The command that makes what the shares need, and becomes `argv` (QEMU), with the same pid. Over virtiofs it starts a
 * virtiofsd for each and waits until all of them listen (guest/vm-virtiofs); over 9p it mounts the views (guest/vm-view)
 * or takes QEMU's right to read (guest/vm-landlock).
 * Just `argv` where there is nothing to make.
 */
export function withShares(
  argv: readonly [program: string, ...args: string[]],
  offered: OfferedShares,
  helper: NetworkHelper = "none",
): readonly [program: string, ...args: string[]] {
  return offered.way.kind === "9p"
    ? withoutSetuid(withViews(argv, offered, helper), offered, helper)
    : withDaemons(argv, offered);
}

/**
 * What a guest may write keeps no setuid bit (guest/vm-no-setuid). As root QEMU cannot give a file rights by capabilities either, nor a setgid bit
 * but for its own group: so that is one that means nothing. Before Landlock, with which /proc cannot be read.
 */
function withoutSetuid(
  argv: readonly [program: string, ...args: string[]],
  { shares, rights }: Pick<OfferedShares, "shares" | "rights">,
  helper: NetworkHelper,
): readonly [program: string, ...args: string[]] {
  if (shares.every(({ access }) => access === "read-only")) return argv;
  const guarded = ["/bin/sh", noSetuidScript(), "9p", ...argv] as const;
  if (rights === "usual") return helper === "setuid" ? argv : guarded;
  return ["setpriv", "--regid=65534", "--clear-groups", "--bounding-set=-fsetid,-setfcap", "--", ...guarded];
}

function withViews(
  argv: readonly [program: string, ...args: string[]],
  { views, denied, rights }: Pick<OfferedShares, "views" | "denied" | "rights">,
  helper: NetworkHelper,
): readonly [program: string, ...args: string[]] {
  // vm-view does it itself.
  if (rights === "less" && views.length === 0) {
    const offered = { views, denied, rights: "usual" } as const;
    return ["setpriv", "--bounding-set=-mknod,-sys_ptrace", "--", ...withViews(argv, offered, helper)];
  }
  if (denied.length > 0 && helper === "none")
    return ["/bin/sh", landlockScript(), denied.join("\n"), ...argv];
  if (views.length === 0) return argv;
  const table = views.map(({ source, place, table: covers }) => {
    const view = { source, target: place, type: "none", options: "rbind,X-mount.mkdir" };
    return renderMountTable([view]) + covers;
  });
  const namespace = ["unshare", "--mount", "--propagation", "slave", "--"] as const;
  return [...namespace, "/bin/sh", viewScript(), QEMU_VIEWS, table.join(""), ...argv];
}

function withDaemons(
  argv: readonly [program: string, ...args: string[]],
  { way, shares, directory, views }: OfferedShares,
): readonly [program: string, ...args: string[]] {
  if (way.kind === "9p" || shares.length === 0) return argv;
  const launcher = ["/bin/sh", virtiofsScript()] as const;
  const { kind, path } = way.daemon;
  const words = ({ id, access, cache, submounts, path: source }: HostShare): string[] => {
    const mode = access === "read-only" ? "ro" : "rw";
    const table = views.find((view) => view.id === id)?.table ?? "";
    return [...launcher, "share", directory, id, mode, cache, submounts, kind, path, source, table];
  };
  const [first, ...rest] = [...shares.flatMap(words), ...launcher, "wait", directory, ...argv];
  return first === undefined ? argv : [first, ...rest];
}
