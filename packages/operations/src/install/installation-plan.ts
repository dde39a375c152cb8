import { dirname, join, resolve } from "node:path";
import {
  ARCH_PACMAN_CONFIGURATION,
  checkBootstrapHost,
  type InstallPlan,
  type InstallTarget,
  type LogFiles,
  planBootstrap,
  planIsoInstall,
  readIsoBoot,
} from "@vm/arch-live";
import { codedError, errorCode } from "@vm/command-plan";
import { findQemu } from "@vm/guest-run";
import { isDirectory, readRegularText } from "@vm/host-files";
import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import { prepareMachine, wantedAccelerator, wantedQemu } from "../guest/machine.js";
import { tell, type Host } from "../host.js";
import type { Mode } from "../mode.js";
import type { InstallFromHost, InstallRequest } from "../request/request.js";

export interface WantedInstallation {
  readonly request: InstallRequest;
  readonly target: InstallTarget;
  readonly script: string;
}

function logFiles({ vm, log }: InstallRequest, { cacheDir, cwd }: Host): LogFiles {
  const file = log === undefined ? join(cacheDir, "install", `${vm}.log`) : resolve(cwd, log);
  return { log: file, console: `${file.replace(/\.log$/, "")}.console.log` };
}

/** CPUs and memory of the installation's guest. */
function sizeOf({ cpus, memory = NEW_VM_DEFAULTS.memory }: InstallRequest): { cpus: string; memory: string } {
  return { cpus: cpus === undefined ? NEW_VM_DEFAULTS.cpus : String(cpus), memory };
}

function onFailure({ afterFailure = [] }: InstallRequest): "power off" | "shell" {
  return afterFailure.includes("shell") ? "shell" : "power off";
}

/** In the live system of an image. */
export async function planWithIso(
  { request, target, script }: WantedInstallation,
  iso: string,
  mode: Mode,
  host: Host,
  signal?: AbortSignal,
): Promise<InstallPlan> {
  const arch = "x86_64";
  const accelerator = wantedAccelerator(request.accelerator, host);
  const machine = prepareMachine(
    { arch, userOptions: [], accelerator, qemu: wantedQemu(request.qemu, host) },
    mode,
    host,
  );
  tell(host, machine.notices);
  return planIsoInstall({
    target,
    logs: logFiles(request, host),
    iso,
    entry: await readIsoBoot(iso, { signal }),
    script,
    machine: {
      qemu: machine.qemu,
      acceleratorOptions: machine.accelerator.options,
      ...sizeOf(request),
    },
    onFailure: onFailure(request),
  });
}

/** By this machine's pacstrap, in the embedded guest: `vm run -k KERNEL --exec`. */
export function planFromHost(
  { request, target, script }: WantedInstallation,
  { kernel, pacmanConfiguration }: InstallFromHost,
  mirrors: readonly string[],
  host: Host,
): InstallPlan {
  const { cwd, env } = host;
  const { accelerator } = request;
  const { cpus, memory } = sizeOf(request);
  checkBootstrapHost({
    env,
    signatures: pacmanConfiguration === undefined ? "required" : "as configured",
  });
  const qemu = wantedQemu(request.qemu, host);
  if (qemu === undefined) findQemu({ arch: "x86_64", env });
  const configuration =
    pacmanConfiguration === undefined
      ? ARCH_PACMAN_CONFIGURATION
      : readText(resolve(cwd, pacmanConfiguration));
  const shares = mirrors.flatMap((mirror) => {
    const path = mirror.startsWith("file:///") ? dirname(`${mirror.slice(7).replace(/\$.*$/, "")}.`) : "";
    return isDirectory(path) ? ["--ro", path] : [];
  });
  return planBootstrap({
    target,
    logs: logFiles(request, host),
    script,
    pacmanConfiguration: configuration,
    directory: cwd,
    onFailure: onFailure(request),
    runCommand: ({ command, share, disk, console }) => [
      ...host.program,
      "run",
      "-k",
      kernel,
      // The mirrors; by default an embedded guest reaches nobody.
      "--network",
      "user",
      ...(accelerator === undefined ? [] : ["--accel", accelerator]),
      ...(qemu === undefined ? [] : ["--qemu", qemu]),
      "-c",
      cpus,
      "-m",
      memory,
      "--ro",
      share,
      ...shares,
      "--console",
      console,
      "--exec",
      command,
      "--",
      ...disk,
    ],
  });
}

function readText(path: string): string {
  try {
    return readRegularText(path);
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause);
    const reason = errorCode(cause) === "ENOENT" ? "there is no such file" : told;
    throw codedError("FILE_UNREADABLE", `${path} cannot be read: ${reason}`, {
      hint: "Check the path.",
      cause,
    });
  }
}
