import { resolve } from "node:path";
import type { Duplex } from "node:stream";
import { type Installation, type Progress, renderScript } from "@vm/arch-installer";
import {
  install,
  type InstallPlan,
  type InstallResult,
  type IsoEvent,
  newestIso,
  readIsoBoot,
} from "@vm/arch-live";
import { keepCacheLimit } from "../cache/cache-limit.js";
import type { Host } from "../host.js";
import type { InstallFromIso, InstallRequest } from "../request/request.js";
import { planFromHost, planWithIso } from "./installation-plan.js";
import { isoDirectory } from "./installation-script.js";
import { claimTarget, type ClaimedTarget } from "./installation-target.js";
import { type AskPassword, readUnattended } from "./unattended.js";

/** How an installation is watched, and what it may ask for. */
export interface InstallWatch {
  readonly askPassword: AskPassword;
  /** Nothing is asked any more, and what takes long begins: from now on the host's signal is heard. */
  onReady(this: void): void;
  /** How far the download of the image is. */
  onImage(this: void, event: IsoEvent): void;
  /** Where the log is, before the guest is started. */
  onPlan(this: void, plan: InstallPlan): void;
  onProgress(this: void, progress: Progress): void;
  /** Lines of the installation's output, and of the guest's console. */
  onLog(this: void, line: string): void;
  onConsole(this: void, line: string): void;
  /** A shell in the live system after a failure, where one was asked for. */
  onShell(this: void, shell: Duplex): Promise<void>;
}

export interface VmInstallation {
  readonly result: InstallResult;
  readonly plan: InstallPlan;
  readonly installation: Installation;
}

const USUAL_SILENCE_MS = 15 * 60_000;

/** Installs Arch Linux on a VM. What goes wrong in the guest is part of the result. */
export async function installVm(
  request: InstallRequest,
  host: Host,
  watch: InstallWatch,
): Promise<VmInstallation> {
  const { from = { kind: "iso" } } = request;
  // What is wrong with these is said before a password is asked for.
  if (from.kind === "iso" && from.file !== undefined) await readIsoBoot(resolve(host.cwd, from.file));
  const claimed = await claimTarget(request, "run", host);
  try {
    const installation = await readUnattended(request, host, watch.askPassword);
    watch.onReady();
    const wanted = { request, target: claimed.target, script: renderScript(installation) };
    const plan =
      from.kind === "host"
        ? planFromHost(wanted, from, installation.pacmanMirrors, host)
        : await planWithIso(wanted, await findIso(request, host, watch), "run", host, host.signal);
    watch.onPlan(plan);
    return { result: await carryOut(plan, request, claimed, host, watch), plan, installation };
  } finally {
    claimed.lock?.release();
  }
}

async function findIso(
  { from, mirror }: InstallRequest,
  host: Host,
  { onImage }: InstallWatch,
): Promise<string> {
  const { file, keyring }: Omit<InstallFromIso, "kind"> = from?.kind === "iso" ? from : {};
  if (file !== undefined) return resolve(host.cwd, file);
  const image = await newestIso({
    directory: isoDirectory(host),
    env: host.env,
    ...(host.signal === undefined ? {} : { signal: host.signal }),
    onEvent: onImage,
    ...(mirror === undefined ? {} : { mirror }),
    ...(keyring === undefined ? {} : { keyring: resolve(host.cwd, keyring) }),
  });
  keepCacheLimit(host);
  return image;
}

function carryOut(
  plan: InstallPlan,
  { timeoutMs, silenceMs = USUAL_SILENCE_MS, afterFailure = [] }: InstallRequest,
  { lock }: ClaimedTarget,
  { env, signal }: Host,
  { onProgress, onLog, onConsole, onShell }: InstallWatch,
): Promise<InstallResult> {
  return install({
    plan,
    env,
    silenceMs,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(lock === undefined ? {} : { lockFd: lock.fd }),
    stop: signal ?? new AbortController().signal,
    afterFailure: afterFailure.includes("keep") ? "keep" : "remove",
    onProgress,
    onLog,
    onConsole,
    onShell,
  });
}
