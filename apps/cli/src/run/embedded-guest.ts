import type { EmbeddedGuest, GuestNetwork } from "@vm/guest-run";
import { memory, smp, type QemuOption } from "@vm/qemu-argv";
import { checkMemory, type UserConfig } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import { usageError } from "../usage-error.js";
import { directory, readShares } from "./command-request.js";
import type { NamedKernel } from "./host-kernel.js";
import { readPrivacy } from "./privacy.js";
import type { EmbeddedOptions } from "./run-options.js";

/** The embedded guest that the options describe. `theirs` is what stands after `--`, with absolute paths. */
export function readEmbeddedGuest(
  options: EmbeddedOptions,
  {
    named,
    theirs,
    userConfig,
    context,
  }: {
    readonly named: NamedKernel;
    readonly theirs: readonly QemuOption[];
    readonly userConfig: UserConfig;
    readonly context: CommandContext;
  },
): EmbeddedGuest {
  const { host, build } = named;
  const { cwd } = context;
  return {
    kind: "embedded",
    kernel: {
      image: host.image,
      arch: host.arch,
      release: build.release,
      ...(build.configFile === undefined ? {} : { configFile: build.configFile }),
      ...(build.tree === undefined ? {} : { tree: build.tree }),
      ...(host.initrd === undefined ? {} : { initrd: host.initrd }),
      ...(host.modulesIndex === undefined ? {} : { modulesIndex: host.modulesIndex }),
    },
    ...(host.share === undefined ? {} : { share: host.share }),
    shares: readShares(options, cwd),
    privacy: readPrivacy(options, context),
    kernelCmdline: host.cmdline.join(" "),
    qemuOptions: theirs,
    ...(options.root === undefined ? {} : { root: directory(options.root, "--root", cwd) }),
    ...(options.systemd === true ? { init: "systemd" } : {}),
    ...(options.cpus === undefined ? {} : { cpus: parseCpus(options.cpus) }),
    ...(options.memory === undefined ? {} : { memory: checkedMemory(options.memory) }),
    network: readNetwork(options, userConfig),
  };
}

/** `-c` and `-m` for a VM: behind its own options, of which QEMU takes the last. */
export function ownMachine({ cpus, memory: size }: Pick<EmbeddedOptions, "cpus" | "memory">): QemuOption[] {
  return [
    ...(cpus === undefined ? [] : [smp(parseCpus(cpus))]),
    ...(size === undefined ? [] : [memory(checkedMemory(size))]),
  ];
}

function parseCpus(text: string): number {
  const cpus = Number(text);
  if (Number.isInteger(cpus) && cpus >= 1) return cpus;
  throw usageError(`-c: expected a number of CPUs, got '${text}'`);
}

/** Before QEMU, whose words for an absurd amount are about sizes that it does not know. */
function checkedMemory(text: string): string {
  checkMemory(text);
  return text;
}

const networks = ["none", "user", "isolated"] as const;

/** `--network`, else `network` of the person's configuration, else `none`. */
export function readNetwork(
  { network }: Pick<EmbeddedOptions, "network">,
  userConfig: Pick<UserConfig, "network">,
): GuestNetwork {
  if (network === undefined) return userConfig.network ?? "none";
  const known = networks.find((name) => name === network);
  if (known !== undefined) return known;
  throw usageError(`--network: expected ${networks.join(", ")}, got '${network}'`);
}
