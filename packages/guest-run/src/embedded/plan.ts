import type { KernelOptions } from "@vm/kernel-build";
import { join } from "node:path";
import { statSync } from "node:fs";
import { codedError } from "@vm/command-plan";
import { isFile } from "@vm/host-files";
import { architectureNamed, architectures } from "@vm/qemu-argv";
import { commandFile, commandScript } from "../protocol/command-script.js";
import { SYSTEM_PATH } from "../protocol/environment.js";
import { commandChannels, type CommandPlan } from "../protocol/plan.js";
import type { CommandRequest } from "../protocol/request.js";
import { SERVICE_PROCESSES } from "../protocol/service-processes.js";
import { assignment } from "../protocol/assignment.js";
import { guestAsset } from "../guest-asset.js";
import { offerShares } from "../share/directory.js";
import { furniture, readDevname } from "./furniture.js";
import type { EmbeddedGuest } from "./guest.js";
import { readEmbeddedOptions } from "./kernel-facts.js";
import { renderMountTable } from "../share/mount-table.js";
import { nestedFileSystems } from "../share/nested-file-systems.js";
import { lateMounts } from "./kernel-mounts.js";
import { embeddedMounts, nestedMounts } from "./mounts.js";
import { embeddedOptions } from "./options.js";
import { ownRandomization } from "./randomization.js";
import { checkRootPrograms, findStage } from "./root.js";
import { checkRootTools, rootPrograms, type RootPrograms, type RootTool } from "./root-tools.js";
import { guestSetup } from "./setup.js";
import { moduleMounts, shareMounts, type ModuleShares } from "./share-mounts.js";
import { fileInRoot } from "./root-program.js";
import { embeddedShares, orderShares } from "./shares.js";
import { temporaryDirectories, temporaryLinks, temporaryMounts } from "./temporary-directories.js";
import { COMMAND_SERVICE, COMMAND_UNIT, findSystemd, TABLES } from "./systemd.js";

/**
 * A command in the embedded guest as QEMU options and the script for its PID 1. Reads the kernel's `.config`, and looks
 * at the root; starts and writes nothing.
 *
 * @throws `GUEST_UNSUPPORTED`, `ROOT_UNUSABLE`, `COMMAND_INVALID`, `ENVIRONMENT_INVALID`, `KERNEL_CMDLINE_TOO_LONG`, `SHARES_CONFLICT`
 */
export function planEmbedded(given: EmbeddedGuest, request: CommandRequest): CommandPlan {
  const guest = { ...given, shares: orderShares(given.shares ?? []) };
  const { arch } = guest.kernel;
  if (architectureNamed(arch) === undefined) {
    const known = architectures.map(({ name }) => name).join(", ");
    throw codedError("GUEST_UNSUPPORTED", `The embedded guest knows no ${arch}, but ${known}.`, {
      hint: "Use a VM of that architecture: vm run NAME -k KERNEL.",
    });
  }
  const { root = "/", network = "none" } = guest;
  checkRootPrograms(root, arch);
  const config = guest.kernel.configFile === undefined ? null : readEmbeddedOptions(guest.kernel.configFile);
  // With no network card the kernel would wait 12 seconds for one: only where it is known to find it.
  const kernelNetwork = config?.["CONFIG_IP_PNP"] === "y" && config["CONFIG_VIRTIO_NET"] === "y";
  const address = network === "none" ? "none" : kernelNetwork ? "kernel" : "program";
  const way = guest.share ?? { kind: "9p" };
  // In the user namespace of an ordinary user's virtiofsd all but that user are nobody.
  const owners = way.kind === "virtiofs" && process.getuid?.() !== 0 ? "nobody" : "kept";
  const programs = rootPrograms(root);
  checkRootTools(root, programs, neededTools({ guest, request, address, owners }));
  const channels = commandChannels(request);
  const shares = offerShares(way, embeddedShares(guest), guest.privacy);
  return {
    options: embeddedOptions({
      guest,
      image: bootImage(guest, config),
      channels,
      kernelNetwork: address === "kernel" ? "kernel" : "none",
      randomization: ownRandomization(guest, config) === null ? "kernel" : "late",
      offered: shares,
      execSocket: request.execSocket,
    }),
    channels,
    shares,
    script: embeddedScript({ guest, request, config, address, owners, programs }),
    root: way.kind,
    directory: "/",
    writes: writesToHost(guest) ? "host-files" : "nothing",
    ...(guest.lockFd === undefined ? {} : { lockFd: guest.lockFd }),
  };
}

/** Who gives the guest its address. */
type AddressGiver = "kernel" | "program" | "none";

/** The programs that the guest's start will use: what guest/vm-exec-root and guest/vm-exec-command run. */
function neededTools({
  guest,
  request,
  address,
  owners,
}: {
  readonly guest: EmbeddedGuest;
  readonly request: CommandRequest;
  readonly address: AddressGiver;
  readonly owners: "kept" | "nobody";
}): RootTool[] {
  const { streams, user } = request;
  const tools: RootTool[] = ["mount", "chroot", "setsid", "sleep"];
  if (streams.kind === "terminal") tools.push("stty");
  else tools.push("cat");
  if (streams.kind === "pipes" && streams.stdin === "port") tools.push("nice");
  if (user !== undefined) tools.push("setpriv", "mkfifo");
  if (owners === "nobody") tools.push("setpriv", "cp");
  if (guest.init === "systemd") tools.push("mkdir", "ln");
  if (writesToHost(guest)) tools.push("sync");
  if (address === "program") tools.push("ip");
  return [...new Set(tools)];
}

/**
 * The uncompressed vmlinux of the same build, which QEMU starts faster (PVH), or else the image. A kernel with KASAN or KMSAN ends in a triple
 * fault that way, without a word: its own start (xen_prepare_pvh) calls a memset that looks into a shadow not mapped yet.
 */
function bootImage({ kernel }: EmbeddedGuest, config: KernelOptions | null): string {
  if (kernel.tree === undefined || config?.["CONFIG_PVH"] !== "y") return kernel.image;
  if (config["CONFIG_KASAN"] === "y" || config["CONFIG_KMSAN"] === "y") return kernel.image;
  const vmlinux = join(kernel.tree, "vmlinux");
  const made = statSync(vmlinux, { throwIfNoEntry: false })?.mtimeMs;
  const imageMade = statSync(kernel.image, { throwIfNoEntry: false })?.mtimeMs;
  // The image is made of vmlinux: a younger vmlinux is of a build that has not finished.
  return made !== undefined && imageMade !== undefined && made <= imageMade ? vmlinux : kernel.image;
}

function embeddedScript({
  guest,
  request,
  config,
  address,
  owners,
  programs,
}: {
  readonly guest: EmbeddedGuest;
  readonly request: CommandRequest;
  readonly config: KernelOptions | null;
  readonly address: AddressGiver;
  readonly owners: "kept" | "nobody";
  readonly programs: RootPrograms;
}): Buffer {
  const { kernel, root = "/", shares = [], init = "script" } = guest;
  const stage = findStage(root);
  const modules = moduleShares(kernel);
  const way = guest.share?.kind ?? "9p";
  // Over 9p QEMU gives all files inode numbers of their own (multidevs=remap).
  const nested = way === "virtiofs" ? nestedFileSystems(root, guest.privacy ?? {}) : [];
  const mounts = embeddedMounts({
    stage,
    kernel: config,
    nested,
    owners,
    modprobe: programs.find("modprobe"),
  });
  const temporary = temporaryDirectories(root, {
    // Without ln nobody would make the links.
    release: programs.find("ln") === undefined ? undefined : kernel.release,
    named: [
      `${request.cwd}/`,
      ...shares.map(({ path, target = path }) => target),
      Buffer.from(request.command).toString(),
    ],
  });
  const further = [
    ...nestedMounts(stage, nested),
    ...temporaryMounts(temporary),
    ...shareMounts(shares, way, root),
    ...moduleMounts(stage, modules, way, root),
  ];
  const second = commandScript(request, {
    setup: guestSetup({
      guest,
      modules,
      late: lateMounts(config),
      programs,
      network: address,
      isRoot: process.getuid?.() === 0,
      user: request.user,
    }),
    candidates: init === "systemd" ? SERVICE_PROCESSES : ALL_PROCESSES,
    finish: 'wait "$vm_listener"\necho o >/proc/sysrq-trigger\nwhile :; do sleep 60; done',
    forget: "true >/run/vm-init",
    path: programs.nixSystem === undefined ? SYSTEM_PATH : `${SYSTEM_PATH}:${programs.nixSystem}/sw/bin`,
    sync: writesToHost(guest) ? "always" : "never",
  });
  const furnishing = {
    root,
    programs,
    kernel: config,
    devname: modules === null ? "" : readDevname([kernel.modulesIndex, kernel.tree]),
    init,
    ...(request.user === undefined ? {} : { user: request.user }),
  };
  return Buffer.concat([
    assignment("PATH", programs.path),
    assignment("vm_stage", stage),
    assignment("vm_overlay", noOverlay(config)),
    assignment("vm_fstab", renderMountTable(owners === "kept" ? [...mounts, ...further] : mounts)),
    assignment("vm_owned_mounts", owners === "kept" ? "" : `#\n${renderMountTable(further)}`),
    furniture(furnishing),
    assignment("vm_links", temporaryLinks(temporary)),
    assignment("vm_aslr", ownRandomization(guest, config) ?? ""),
    assignment("vm_systemd", init === "systemd" ? findSystemd(root) : ""),
    assignment("vm_unit", COMMAND_UNIT),
    assignment("vm_service", init === "systemd" ? COMMAND_SERVICE : ""),
    assignment("vm_tables", TABLES.filter((path) => fileInRoot(root, path) !== undefined).join(" ")),
    assignment("vm_second", second),
    assignment("vm_command", commandFile(request)),
    guestAsset("vm-exec-root"),
  ]);
}

/** Options are to blame only where nobody has looked at them. */
function noOverlay(config: KernelOptions | null): string {
  const what = "cannot lay an overlay over the root";
  return config === null
    ? `${what} (CONFIG_OVERLAY_FS, CONFIG_TMPFS)`
    : `${what}: the kernel's console says why`;
}

const ALL_PROCESSES =
  'vm_found=; for vm_entry in /proc/[0-9]*; do vm_found="$vm_found ${vm_entry##*/}"; done';

function moduleShares({ tree, release, modulesIndex }: EmbeddedGuest["kernel"]): ModuleShares | null {
  if (tree === undefined || release === undefined) return null;
  // kbuild leaves its release there; `make modules_install` and packages do not.
  const layout = isFile(join(tree, "include/config/kernel.release")) ? "build-tree" : "installed";
  return { release, layout, index: modulesIndex === undefined ? "none" : "shared" };
}

function writesToHost({ shares = [], qemuOptions = [] }: EmbeddedGuest): boolean {
  const disks = new Set(["drive", "blockdev", "hda", "hdb", "hdc", "hdd", "virtfs", "fsdev"]);
  return (
    shares.some(({ access }) => access === "read-write") ||
    qemuOptions.some((option) => !("flag" in option) || disks.has(option.flag))
  );
}
