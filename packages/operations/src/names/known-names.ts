import { execFileSync } from "node:child_process";
import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { knownArchitectures } from "@vm/architectures";
import { isDirectory } from "@vm/host-files";
import { installedReleases } from "@vm/kernel-build";
import { listRunningGuests, readSnapshotNames, vmDisks, vmNames } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";

/** The names of the VMs. No configuration is run. @throws VM_HOME_UNREADABLE, and what `Host.userConfig` throws */
export function knownVms(host: Host): string[] {
  return vmNames(vmHome(host));
}

/** The names of the guests that run. @throws FLOCK_NOT_FOUND, and what `Host.userConfig` throws */
export function knownGuests(host: Host): string[] {
  return listRunningGuests(host.env, { home: vmHome(host) }).map(({ name }) => name);
}

/** The images of a VM's disks, as its configuration has them; none where that computes. */
export function knownDisks(vm: string, host: Host): string[] {
  return vmDisks(join(vmHome(host), vm)).map(({ name }) => name);
}

/** The tags of a VM's snapshots, read from its images with no program. */
export function knownSnapshots(vm: string, host: Host): string[] {
  const tags = vmDisks(join(vmHome(host), vm))
    .filter(({ image }) => image?.format === "qcow2")
    .flatMap(({ path }) => readSnapshotNames(path));
  return [...new Set(tags)];
}

/** What `-k` takes by name: what is in `builds`, the kernel that runs here, and the installed releases. */
export function knownKernels(host: Host): string[] {
  const { builds } = host.userConfig();
  return [...(builds === undefined ? [] : namesIn(builds)), "host", ...installedReleases()];
}

/** The architectures, by QEMU's names. */
export function knownArchNames(): string[] {
  return knownArchitectures.map(({ name }) => name);
}

/** Branches and tags of the repository where the host stands; none where there is none, or git is slow. */
export function knownRevisions({ cwd, env }: Host): string[] {
  try {
    const text = execFileSync(
      "git",
      ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags"],
      { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 2000 },
    );
    return ["HEAD", ...text.split("\n").filter((name) => name !== "")];
  } catch {
    return [];
  }
}

/** The fragments of configurations that come with vm, by name. */
export function knownFragments({ fragments }: Host): string[] {
  return namesIn(fragments).flatMap((name) => /^([^.]+)\.fragment$/.exec(name)?.[1] ?? []);
}

/** What stands in the working directory; of a directory with a slash behind. Hidden ones are left out. */
export function knownFiles({ cwd }: Host): string[] {
  return entriesOf(cwd).map((entry) => `${entry.name}${isDirectory(join(cwd, entry.name)) ? "/" : ""}`);
}

function namesIn(directory: string): string[] {
  return entriesOf(directory)
    .map(({ name }) => name)
    .toSorted();
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
  } catch {
    return [];
  }
}
