import { findVirtiofsd, hasVirtiofsd, type ShareWay } from "@vm/guest-run";
import { chooseShare, type Feature, type KernelBuild, type ShareRequest } from "@vm/kernel-build";
import type { CommandContext } from "../command-module.js";
import { writeNotice } from "../output.js";
import { usageError } from "../usage-error.js";

/** The value of `--share`. */
export function parseShareRequest(text = "auto"): ShareRequest {
  if (text === "9p" || text === "virtiofs" || text === "auto") return text;
  throw usageError(`--share: expected 9p, virtiofs or auto, got '${text}'`);
}

/** How the guest gets the host's files; tells why where it is not simply 9p and nobody has asked for it. */
export function shareWay(
  build: KernelBuild,
  {
    share,
    features,
    context,
    tell = writeNotice,
  }: {
    readonly share: string | undefined;
    readonly features: readonly Feature[];
    readonly context: Pick<CommandContext, "env">;
    readonly tell?: (sentence: string) => void;
  },
): ShareWay {
  const { env } = context;
  const requested = parseShareRequest(share);
  const root = features.includes("embedded") ? "shared" : "own";
  if (root === "own" && build.tree === undefined) return { kind: "9p" }; // Nothing is shared.
  const { way, reason } = chooseShare({ build, requested, root, hasVirtiofsd: () => hasVirtiofsd(env) });
  if (way === "9p") return { kind: "9p" };
  if (reason !== undefined) tell(`files are shared over virtiofs: ${reason}`);
  return { kind: "virtiofs", daemon: findVirtiofsd(env) };
}
