import { lstatSync } from "node:fs";
import { join } from "node:path";
import {
  checkVmName,
  findRunningGuest,
  listRunningGuests,
  summarizeConfig,
  summarizeHome,
  vmNames,
  type RunningGuest,
  type VmSummary,
} from "@vm/vm-store";
import { loadVmConfig, vmHome } from "../guest/vm-config.js";
import { tell, type Host } from "../host.js";
import { remark } from "../notice.js";
import type { InfoRequest } from "../request/request.js";

/** A VM, or an embedded guest that runs, as `vm list --json` prints it; null is what is not known, or is not there. */
export interface ListedVm {
  readonly name: string;
  readonly kind: "embedded" | "vm";
  /** Absolute. An embedded guest has none. */
  readonly directory: string | null;
  /** The host's directory that is an embedded guest's root: absolute. */
  readonly root: string | null;
  /** `unknown`: its lock cannot be read. */
  readonly state: "running" | "stopped" | "unknown";
  /** Since when it runs: ISO 8601, UTC. */
  readonly since: string | null;
  /** The process that runs it, and whose it is. */
  readonly pid: number | null;
  readonly user: string | null;
  readonly command: readonly string[] | null;
  /** Whether nothing that its guest writes survives. */
  readonly ephemeral: boolean;
  /** While it runs with `-k`: the release. Else what its configuration names; null: its own boot loader's. */
  readonly kernel: string | null;
  readonly arch: string | null;
  readonly cpus: number | null;
  readonly memoryMiB: number | null;
  /** The port of this host that leads to the guest's ssh. */
  readonly sshPort: number | null;
  /** `program`: the configuration computes, and was not run: nothing of it is known. An embedded guest has none. */
  readonly config: "invalid" | "literals" | "program" | null;
  /** Sums over its disks. */
  readonly diskUsedBytes: number | null;
  readonly diskSizeBytes: number | null;
  readonly disks: readonly ListedDisk[];
}

/** A disk's image; all but its place is null where it is missing. */
export interface ListedDisk {
  /** As the configuration has it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly format: string | null;
  readonly sizeBytes: number | null;
  readonly usedBytes: number | null;
  /** What it stands on. Absolute. */
  readonly backingFile: string | null;
}

/**
 * All VMs of the host, and the embedded guests that run with a name, sorted by name; what else is in the home is named in a notice. No
 * configuration is run.
 * @throws what `summarizeHome` of vm-store throws
 */
export function listMachines(host: Host): ListedVm[] {
  const home = vmHome(host);
  const { vms, others } = summarizeHome(home);
  tell(
    host,
    others.map((name) =>
      remark(`${JSON.stringify(name)} in ${home} is no VM (it has no vm.mjs): it is left alone`),
    ),
  );
  return byName([...vms.map(listedVm), ...embeddedGuests(host).map(listedGuest)]);
}

/** The names of `listMachines`, which cost less. @throws VM_HOME_UNREADABLE, FLOCK_NOT_FOUND */
export function machineNames(host: Host): string[] {
  const vms = vmNames(vmHome(host)).map((name) => ({ name }));
  return byName([...vms, ...embeddedGuests(host)]).map(({ name }) => name);
}

/** A VM, or an embedded guest that runs. @throws what `describeVm` throws */
export async function describeGuest(request: InfoRequest, host: Host): Promise<ListedVm> {
  const { vm: name } = request;
  checkVmName(name);
  const home = vmHome(host);
  if (lstatSync(join(home, name), { throwIfNoEntry: false }) === undefined) {
    const guest = findRunningGuest({ home, name }, host.env);
    if (guest?.kind === "embedded") return listedGuest(guest);
  }
  return describeVm(request, host);
}

/** One VM; its configuration is loaded, also where it is a program. @throws what `loadConfig` throws */
export async function describeVm({ vm }: InfoRequest, host: Host): Promise<ListedVm> {
  return listedVm(summarizeConfig(await loadVmConfig(vm, { hasKernel: true }, host)));
}

function embeddedGuests(host: Host): RunningGuest[] {
  return listRunningGuests(host.env, { home: vmHome(host), kind: "embedded" });
}

function byName<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  return all.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function listedGuest(guest: RunningGuest): ListedVm {
  return {
    name: guest.name,
    kind: "embedded",
    directory: null,
    root: guest.root ?? "/",
    state: "running",
    since: guest.since,
    pid: guest.supervisor.pid,
    user: guest.user,
    command: guest.command,
    ephemeral: false,
    kernel: guest.kernel ?? null,
    arch: null,
    cpus: null,
    memoryMiB: null,
    sshPort: null,
    config: null,
    diskUsedBytes: null,
    diskSizeBytes: null,
    disks: [],
  };
}

function listedVm({ name, directory, lock, config, disks }: VmSummary): ListedVm {
  const holder = lock.state === "running" ? lock : undefined;
  const machine = config.kind === "literals" ? config : undefined;
  const images = disks.flatMap(({ image }) => image ?? []);
  const sum = (of: "sizeBytes" | "usedBytes"): number | null =>
    machine === undefined ? null : images.reduce((total, image) => total + image[of], 0);
  return {
    name,
    kind: "vm",
    directory,
    root: null,
    state: lock.state,
    since: holder?.since ?? null,
    pid: holder?.pid ?? null,
    user: holder?.user ?? null,
    command: holder?.command ?? null,
    ephemeral: holder?.ephemeral === true,
    kernel: holder?.kernel ?? machine?.kernel ?? null,
    arch: machine?.arch ?? null,
    cpus: machine?.cpus ?? null,
    memoryMiB: machine?.memoryMiB ?? null,
    sshPort: machine?.sshPort ?? null,
    config: config.kind,
    diskUsedBytes: sum("usedBytes"),
    diskSizeBytes: sum("sizeBytes"),
    disks: disks.map(({ name: image, path, image: found }) => ({
      name: image,
      path,
      format: found?.format ?? null,
      sizeBytes: found?.sizeBytes ?? null,
      usedBytes: found?.usedBytes ?? null,
      backingFile: found?.backingFile ?? null,
    })),
  };
}
