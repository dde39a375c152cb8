import { findQemu, findVirtiofsd, hasVirtiofsd, lacks9p, type ShareWay } from "@vm/guest-run";
import {
  chooseShare,
  type ShareChoice,
  type Feature,
  type KernelBuild,
  type ShareRequest,
} from "@vm/kernel-build";
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
  const chosen = chooseShare({ build, requested, root, hasVirtiofsd: () => hasVirtiofsd(env) });
  const { way, reason } =
    chosen.way === "9p" && requested === "auto" ? asQemuHas(chosen, build, env) : chosen;
  if (way === "9p") return { kind: "9p" };
  if (reason !== undefined) tell(`files are shared over virtiofs: ${reason}`);
  return { kind: "virtiofs", daemon: findVirtiofsd(env) };
}

function asQemuHas(chosen: ShareChoice, { arch }: KernelBuild, env: CommandContext["env"]): ShareChoice {
  const qemu = findQemu({ arch, env });
  return lacks9p(qemu) ? { way: "virtiofs", reason: `${qemu} is RHEL's, which has no 9p` } : chosen;
}
