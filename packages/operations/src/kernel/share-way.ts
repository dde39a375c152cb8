import { findQemu, findVirtiofsd, hasVirtiofsd, lacks9p, type ShareWay } from "@vm/guest-run";
import {
  chooseShare,
  type Feature,
  type KernelBuild,
  type ShareChoice,
  type ShareRequest,
} from "@vm/kernel-build";
import type { Host } from "../host.js";

export interface ChosenShare {
  readonly way: ShareWay;
  /** Why it is not simply 9p, where nobody has asked for anything else. */
  readonly reason?: string;
}

/** How the guest gets the host's files. */
export function shareWay(
  build: KernelBuild,
  requested: ShareRequest,
  {
    features,
    qemu,
    host: { env },
  }: {
    readonly features: readonly Feature[];
    /** What the request names. */
    readonly qemu: string | undefined;
    readonly host: Pick<Host, "env">;
  },
): ChosenShare {
  const root = features.includes("embedded") ? "shared" : "own";
  if (root === "own" && build.tree === undefined) return { way: { kind: "9p" } }; // Nothing is shared.
  const chosen = chooseShare({ build, requested, root, hasVirtiofsd: () => hasVirtiofsd(env) });
  const { way, reason } =
    chosen.way === "9p" && requested === "auto"
      ? asQemuHas(chosen, () => qemu ?? findQemu({ arch: build.arch, env }))
      : chosen;
  if (way === "9p") return { way: { kind: "9p" } };
  return {
    way: { kind: "virtiofs", daemon: findVirtiofsd(env) },
    ...(reason === undefined ? {} : { reason }),
  };
}

function asQemuHas(chosen: ShareChoice, whichQemu: () => string): ShareChoice {
  const qemu = whichQemu();
  return lacks9p(qemu) ? { way: "virtiofs", reason: `${qemu} is RHEL's, which has no 9p` } : chosen;
}
