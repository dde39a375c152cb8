import { summarizeConfig, summarizeHome, type VmSummary } from "@vm/vm-store";
import { loadVmConfig, vmHome } from "../guest/vm-config.js";
import { tell, type Host } from "../host.js";
import { remark } from "../notice.js";

/** A VM as `vm list --json` prints it; null is what is not known, or is not there. */
export interface ListedVm {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
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
  /** `program`: the configuration computes, and was not run: nothing of it is known. */
  readonly config: "invalid" | "literals" | "program";
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
 * All VMs of the host, sorted by name; what else is in the home is named in a notice. No configuration is run.
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
  return vms.map(listedVm);
}

/** One VM; its configuration is loaded, also where it is a program. @throws what `loadConfig` throws */
export async function describeVm(name: string, host: Host): Promise<ListedVm> {
  return listedVm(summarizeConfig(await loadVmConfig(name, { hasKernel: true }, host)));
}

function listedVm({ name, directory, lock, config, disks }: VmSummary): ListedVm {
  const holder = lock.state === "running" ? lock : undefined;
  const machine = config.kind === "literals" ? config : undefined;
  const images = disks.flatMap(({ image }) => image ?? []);
  const sum = (of: "sizeBytes" | "usedBytes"): number | null =>
    machine === undefined ? null : images.reduce((total, image) => total + image[of], 0);
  return {
    name,
    directory,
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
