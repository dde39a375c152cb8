import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codedError, errorCode, quoteShell } from "@vm/command-plan";
import type { Qmp } from "@vm/guest-run";
import { findRunningGuest, lockConfig } from "@vm/vm-store";
import type { Host } from "../host.js";
import { tellIfLong } from "../long-step.js";
import type { SnapshotRequest } from "../request/request.js";
import { withQmp } from "../running/guest-qmp.js";
import { findVm, type ChangedVm } from "./change.js";
import { checkNewSnapshot, findSnapshot, snapshotImages } from "./snapshots.js";

/*
 * Snapshots of a VM that runs, made by its QEMU, which has the images: with the machine's memory, or of the disks alone, at one moment.
 * Source: QEMU's QMP reference manual (snapshot-save, snapshot-load, snapshot-delete, transaction, blockdev-snapshot-internal-sync).
 */

/** The socket of QEMU's where a VM runs that can be asked; undefined where it does not run, or cannot be asked. */
export function runningQemu(name: string, host: Host): string | undefined {
  const { home } = findVm(name, host);
  const guest = findRunningGuest({ home, name }, host.env);
  return guest?.kind === "vm" ? guest.sockets.qmp : undefined;
}

/**
 * @param socket what `runningQemu` gives
 * @throws SNAPSHOT_TAG_INVALID, SNAPSHOT_EXISTS, SNAPSHOT_NOT_FOUND, SNAPSHOT_IMPOSSIBLE, QMP_UNREACHABLE, QMP_REFUSED, QMP_CLOSED
 */
export async function changeRunning(request: SnapshotRequest, socket: string, host: Host): Promise<void> {
  const vm = findVm(request.vm, host);
  const unlock = lockConfig(vm.directory);
  try {
    await tellIfLong(
      `${vm.name}: ${doing[request.operation]}`,
      () => change(vm, request, socket, host),
      host,
    );
  } finally {
    unlock();
  }
}

const doing: Readonly<Record<SnapshotRequest["operation"], string>> = {
  "create-snapshot": "the snapshot is being made",
  "restore-snapshot": "the snapshot is being put back",
  "delete-snapshot": "the snapshot is being deleted",
};

async function change(vm: ChangedVm, request: SnapshotRequest, socket: string, host: Host): Promise<void> {
  switch (request.operation) {
    case "create-snapshot":
      await create(vm, request, socket);
      return;
    case "restore-snapshot":
      await restore(vm, request.tag, socket, host);
      return;
    case "delete-snapshot":
      await remove(vm, request.tag, socket, host);
      return;
    default:
      request satisfies never;
  }
}

async function create(
  vm: ChangedVm,
  { tag, memory = "kept" }: Extract<SnapshotRequest, { operation: "create-snapshot" }>,
  socket: string,
): Promise<void> {
  await checkNewSnapshot(vm, tag);
  await withQmp(socket, vm.name, async (qmp) => {
    const nodes = await diskNodes(vm, qmp);
    if (memory === "left-out") {
      await qmp.execute("transaction", {
        actions: nodes.map(({ node }) => ({
          type: "blockdev-snapshot-internal-sync",
          data: { device: node, name: tag },
        })),
      });
      return;
    }
    await runJob(qmp, "snapshot-save", { tag, ...withMemory(nodes) }, (reason) =>
      impossible(`${vm.name} cannot be kept with its memory: ${reason}`, [
        "Directories of the host that are mounted in the guest forbid it, and so does -k with modules.",
        `Its disks alone: vm snapshot create ${quoteShell(vm.name)} ${quoteShell(tag)} --disks-only`,
      ]),
    );
  });
}

async function restore(vm: ChangedVm, tag: string, socket: string, host: Host): Promise<void> {
  const { missingOn, hasMemory } = await findSnapshot(vm, tag, host);
  if (missingOn.length > 0 || !hasMemory) {
    const reason =
      missingOn.length > 0 ? `is not on ${missingOn.join(", ")}` : "is of its disks alone, and it runs";
    throw impossible(`the snapshot ${JSON.stringify(tag)} of ${vm.name} ${reason}`, [
      `Disks are set back while it does not run: vm stop ${quoteShell(vm.name)}`,
    ]);
  }
  await withQmp(socket, vm.name, async (qmp) => {
    const nodes = await diskNodes(vm, qmp);
    await runJob(qmp, "snapshot-load", { tag, ...withMemory(nodes) }, (reason) =>
      impossible(`${vm.name} cannot go back to ${JSON.stringify(tag)} while it runs: ${reason}`, [
        `It has to be the machine that was kept: the same kernel, options and QEMU. Its disks alone: vm stop --force ${quoteShell(vm.name)}, then vm snapshot restore`,
      ]),
    );
  });
}

async function remove(vm: ChangedVm, tag: string, socket: string, host: Host): Promise<void> {
  const { missingOn } = await findSnapshot(vm, tag, host);
  await withQmp(socket, vm.name, async (qmp) => {
    const nodes = (await diskNodes(vm, qmp)).filter(({ name }) => !missingOn.includes(name));
    await runJob(qmp, "snapshot-delete", { tag, devices: nodes.map(({ node }) => node) }, (reason) =>
      impossible(`the snapshot ${JSON.stringify(tag)} of ${vm.name} cannot be deleted: ${reason}`, [
        "It can be once it does not run.",
      ]),
    );
  });
}

interface DiskNode {
  /** As the configuration names the image. */
  readonly name: string;
  /** QEMU's name for it. */
  readonly node: string;
}

function withMemory(nodes: readonly DiskNode[]): Readonly<Record<string, unknown>> {
  return { vmstate: nodes[0]?.node, devices: nodes.map(({ node }) => node) };
}

/**
 * What QEMU calls the VM's images, in their order. All that the guest can write to has to be among them, and the other way round: a moment of
 * some of its disks is none.
 */
async function diskNodes(vm: ChangedVm, qmp: Qmp): Promise<DiskNode[]> {
  const images = await snapshotImages(vm);
  const used = readWritable(await qmp.execute("query-block")).map(({ file, node }) => ({
    // What a run forgets has its description for a name.
    path: file.startsWith("json:") ? "a file that is not kept" : resolve(vm.directory, file),
    node,
  }));
  const other = used.find(({ path }) => images.every((image) => image.path !== path));
  if (other !== undefined) {
    throw impossible(`${vm.name} writes to ${other.path}, which is no disk of its own`, [
      "A run with --ephemeral, or with disks of its own, has no snapshots.",
    ]);
  }
  return images.map(({ path, name }) => {
    const found = used.find((each) => each.path === path);
    if (found !== undefined) return { name, node: found.node };
    throw impossible(`${vm.name} runs without its disk ${name}`, [
      "Its configuration was changed since it was started: start it anew.",
    ]);
  });
}

/** Of `query-block`'s answer: what can be written to. */
function readWritable(answer: unknown): { readonly file: string; readonly node: string }[] {
  if (!Array.isArray(answer)) return [];
  return answer.flatMap((device: { readonly inserted?: Readonly<Record<string, unknown>> }) => {
    const { file, ro, "node-name": node } = device.inserted ?? {};
    return typeof file === "string" && typeof node === "string" && ro === false ? [{ file, node }] : [];
  });
}

/** QEMU does it on its own, and goes on with it when we are gone. */
async function runJob(
  qmp: Qmp,
  command: string,
  words: Readonly<Record<string, unknown>>,
  failure: (reason: string) => Error,
): Promise<void> {
  const id = `vm-${randomBytes(6).toString("hex")}`;
  try {
    await qmp.execute(command, { "job-id": id, ...words });
  } catch (error) {
    if (errorCode(error) === "QMP_REFUSED" && error instanceof Error) throw failure(error.message);
    throw error;
  }
  for (;;) {
    const job = findJob(await qmp.execute("query-jobs"), id);
    if (job?.status === "concluded") {
      await qmp.execute("job-dismiss", { id });
      if (job.error === undefined) return;
      throw failure(job.error);
    }
    await sleep(50);
  }
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly error?: string;
}

function findJob(answer: unknown, id: string): Job | undefined {
  const jobs: readonly Job[] = Array.isArray(answer) ? answer : [];
  return jobs.find((job) => job.id === id);
}

function impossible(message: string, hints: readonly string[]): Error {
  return codedError("SNAPSHOT_IMPOSSIBLE", message, { hint: hints.join(" ") });
}
