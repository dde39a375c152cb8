import { join } from "node:path";
import { statSync } from "node:fs";
import { codedError } from "@vm/command-plan";
import { architectureNamed, architectures } from "@vm/qemu-argv";
import { findTerminal } from "../command/terminal-device.js";
import { commandFile, commandScript } from "../command/command-script.js";
import { commandChannels, type CommandPlan } from "../command/plan.js";
import type { CommandRequest } from "../command/request.js";
import { SERVICE_PROCESSES } from "../command/service-processes.js";
import { assignment } from "../command/shell-bytes.js";
import { guestAsset } from "../guest-asset.js";
import { offerShares } from "../share/directory.js";
import type { EmbeddedGuest } from "./guest.js";
import { readEmbeddedOptions, type KernelOptions } from "./kernel-facts.js";
import { embeddedMounts, moduleMounts, type ModuleShares } from "./mounts.js";
import { renderMountTable } from "./mount-table.js";
import { embeddedOptions } from "./options.js";
import { checkRootPrograms, findStage } from "./root.js";
import { embeddedShares } from "./shares.js";
import { COMMAND_SERVICE, COMMAND_UNIT, findSystemd } from "./systemd.js";

/**
 * A command in the embedded guest as QEMU options and the script for its PID 1. Reads the kernel's `.config`, and looks
 * at the root; starts and writes nothing.
 *
 * @throws `GUEST_UNSUPPORTED`, `ROOT_UNUSABLE`, `COMMAND_INVALID`, `ENVIRONMENT_INVALID`, `KERNEL_CMDLINE_TOO_LONG`
 */
export function planEmbedded(guest: EmbeddedGuest, request: CommandRequest): CommandPlan {
  const { arch } = guest.kernel;
  if (architectureNamed(arch) === undefined) {
    const known = architectures.map(({ name }) => name).join(", ");
    throw codedError("GUEST_UNSUPPORTED", `The embedded guest knows no ${arch}, but ${known}.`, {
      hint: "Use a VM of that architecture: vm run NAME -k KERNEL.",
    });
  }
  checkRootPrograms(guest.root ?? "/", arch);
  const config = guest.kernel.configFile === undefined ? null : readEmbeddedOptions(guest.kernel.configFile);
  const { network = "user" } = guest;
  // With no network card the kernel would wait 12 seconds for one: only where it is known to find it.
  const kernelNetwork =
    network === "user" && config?.["CONFIG_IP_PNP"] === "y" && config["CONFIG_VIRTIO_NET"] === "y"
      ? "kernel"
      : "none";
  const channels = commandChannels(request);
  const way = guest.share ?? { kind: "9p" };
  const shares = offerShares(way, embeddedShares(guest));
  return {
    options: embeddedOptions({
      guest,
      image: bootImage(guest, config),
      channels,
      kernelNetwork,
      offered: shares,
    }),
    channels,
    shares,
    script: embeddedScript({ guest, request, config, kernelNetwork }),
    root: way.kind,
    directory: "/",
    writes: writesToHost(guest) ? "host-files" : "nothing",
  };
}

/** The uncompressed vmlinux of the same build, which QEMU starts faster (PVH), or else the image. */
function bootImage({ kernel }: EmbeddedGuest, config: KernelOptions | null): string {
  if (kernel.tree === undefined || config?.["CONFIG_PVH"] !== "y") return kernel.image;
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
  kernelNetwork,
}: {
  readonly guest: EmbeddedGuest;
  readonly request: CommandRequest;
  readonly config: KernelOptions | null;
  readonly kernelNetwork: "kernel" | "none";
}): Buffer {
  const { kernel, root = "/", shares = [], network = "user", hostname = "vm", init = "script" } = guest;
  const stage = findStage(root);
  const modules = moduleShares(kernel);
  const way = guest.share?.kind ?? "9p";
  // In the user namespace of an ordinary user's virtiofsd all but that user are nobody.
  const owners = way === "virtiofs" && process.getuid?.() !== 0 ? "nobody" : "kept";
  const mounts = embeddedMounts({ stage, kernel: config, shares, way, owners });
  const ofModules = moduleMounts(stage, modules, way);
  const second = commandScript(request, {
    setup: setup({ kernel: guest.kernel, network, kernelNetwork }),
    candidates: init === "systemd" ? SERVICE_PROCESSES : ALL_PROCESSES,
    finish: 'wait "$vm_listener"\necho o >/proc/sysrq-trigger\nwhile :; do sleep 60; done',
    hostname,
    sync: writesToHost(guest) ? "always" : "never",
  });
  return Buffer.concat([
    assignment("vm_stage", stage),
    assignment("vm_fstab", renderMountTable(owners === "kept" ? [...mounts, ...ofModules] : mounts)),
    assignment("vm_owned_mounts", owners === "kept" ? "" : `#\n${renderMountTable(ofModules)}`),
    assignment("vm_systemd", init === "systemd" ? findSystemd(root) : ""),
    assignment("vm_unit", COMMAND_UNIT),
    assignment("vm_service", init === "systemd" ? COMMAND_SERVICE : ""),
    assignment("vm_second", second),
    assignment("vm_command", commandFile(request)),
    guestAsset("vm-exec-root"),
  ]);
}

const ALL_PROCESSES =
  'vm_found=; for vm_entry in /proc/[0-9]*; do vm_found="$vm_found ${vm_entry##*/}"; done';

function moduleShares({ tree, release, modulesIndex }: EmbeddedGuest["kernel"]): ModuleShares | null {
  if (tree === undefined || release === undefined) return null;
  // kbuild leaves its release there; `make modules_install` and packages do not.
  const layout = isFile(join(tree, "include/config/kernel.release")) ? "build-tree" : "installed";
  return { release, layout, index: modulesIndex === undefined ? "none" : "shared" };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function setup({
  kernel,
  network,
  kernelNetwork,
}: {
  readonly kernel: EmbeddedGuest["kernel"];
  readonly network: "user" | "none";
  readonly kernelNetwork: "kernel" | "none";
}): string {
  const lines = [
    "vm_bus=$1",
    findTerminal(kernel.arch),
    "read -r vm_release </proc/sys/kernel/osrelease",
    String.raw`vm_send 'kernel %s\n' "$vm_release"`,
  ];
  if (kernel.tree !== undefined && kernel.release !== undefined) {
    lines.push(
      `[ "$vm_release" = '${kernel.release}' ] || echo "vm: this kernel is $vm_release, the modules are for ${kernel.release}" >/dev/console`,
    );
  }
  if (network === "user") {
    if (kernelNetwork === "none") {
      lines.push(
        String.raw`! [ -e /sys/class/net/eth0 ] || ! command -v ip >/dev/null || printf 'link set lo up\nlink set eth0 up\naddr add 10.0.2.15/24 dev eth0\nroute add default via 10.0.2.2\n' | ip -force -batch -`,
      );
    }
    lines.push(
      "[ ! -L /etc/resolv.conf ] || rm -f /etc/resolv.conf",
      "echo nameserver 10.0.2.3 >/etc/resolv.conf",
    );
  }
  return lines.join("\n");
}

function writesToHost({ shares = [], qemuOptions = [] }: EmbeddedGuest): boolean {
  const disks = new Set(["drive", "blockdev", "hda", "hdb", "hdc", "hdd", "virtfs", "fsdev"]);
  return (
    shares.some(({ access }) => access === "read-write") ||
    qemuOptions.some((option) => !("flag" in option) || disks.has(option.flag))
  );
}
