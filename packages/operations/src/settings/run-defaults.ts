import { codedError } from "@vm/command-plan";
import { isRevision, revisionName } from "@vm/kernel-build";
import { readTreeConfig, userConfigFile, type RunDefaults } from "@vm/vm-store";
import type { Host } from "../host.js";
import { complaintKinds, isComplaintKind } from "../request/complaint-kinds.js";
import type {
  BootedKernel,
  CommandSettings,
  EmbeddedGuestSettings,
  MachineSettings,
  RunCommandRequest,
  RunVmRequest,
  TestRequest,
} from "../request/request.js";

/** What one of the files says of runs; the later ones of a list go before the earlier ones. */
export interface DefaultsFile {
  readonly file: string;
  readonly defaults: RunDefaults;
}

/** What the person's config.json and the tree's vm.config.json say of runs. @throws what `readUserConfig` and `readTreeConfig` throw */
export function runDefaultsOf(host: Host): DefaultsFile[] {
  const tree = readTreeConfig(host);
  return [
    { file: userConfigFile(host.env), defaults: host.userConfig() },
    ...(tree === undefined ? [] : [tree]),
  ];
}

/**
 * A request with what the files say where it says nothing itself. Kernel parameters and directories to write come together; of all else
 * the request goes before the tree, and the tree before the person. CPUs and memory are those of embedded guests: a VM has its own.
 */
export function withRunDefaults<Wanted extends RunCommandRequest | RunVmRequest | TestRequest>(
  request: Wanted,
  host: Host,
): Wanted;
export function withRunDefaults(
  request: RunCommandRequest | RunVmRequest | TestRequest,
  host: Host,
): RunCommandRequest | RunVmRequest | TestRequest {
  const files = runDefaultsOf(host);
  const merged = mergeDefaults(files);
  switch (request.operation) {
    case "run-vm":
      return request.kernel === undefined ? request : { ...request, kernel: booted(request.kernel, merged) };
    case "run-command": {
      const { guest = { kind: "embedded" }, command } = request;
      // Nobody ends a shell that somebody sits at.
      const isShell = command?.text === undefined || request.debug?.gdb !== undefined;
      return {
        ...(guest.kind === "vm" ? request : { ...request, ...machine(request, merged) }),
        kernel: booted(request.kernel, merged),
        guest: guest.kind === "vm" ? guest : withWritable(guest, merged),
        ...(isShell ? {} : { command: { ...limits(files), ...command } }),
      };
    }
    case "test": {
      const { guest = { kind: "embedded" } as const, boot = {} } = request;
      const hasRevision = request.kernels.some(isRevision);
      const { name: _, ...rest } = booted({ ...boot, name: hasRevision ? revisionName("HEAD") : "" }, merged);
      return {
        ...request,
        ...machine(request, merged),
        boot: rest,
        guest: withWritable(guest, merged),
        command: { ...limits(files), ...request.command },
      };
    }
    default:
      return request satisfies never;
  }
}

/** What counts of several files. */
export function mergeDefaults(files: readonly DefaultsFile[]): RunDefaults {
  const all = files.map(({ defaults }) => defaults);
  const parameters = all.flatMap((each) => each.parameters ?? []);
  const rw = [...new Set(all.flatMap((each) => each.rw ?? []))];
  return {
    ...Object.assign({}, ...all),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(rw.length === 0 ? {} : { rw }),
  };
}

function machine(
  { cpus, memory }: Pick<MachineSettings, "cpus" | "memory">,
  { cpus: usualCpus, memory: usualMemory }: RunDefaults,
): Pick<MachineSettings, "cpus" | "memory"> {
  return {
    ...(usualCpus === undefined ? {} : { cpus: cpus ?? usualCpus }),
    ...(usualMemory === undefined ? {} : { memory: memory ?? usualMemory }),
  };
}

function booted(kernel: BootedKernel, { parameters = [], fragments }: RunDefaults): BootedKernel {
  const isBuilt = fragments !== undefined && isRevision(kernel.name);
  return {
    ...kernel,
    ...(parameters.length === 0 ? {} : { parameters: [...parameters, ...(kernel.parameters ?? [])] }),
    ...(isBuilt ? { build: { ...kernel.build, fragments: kernel.build?.fragments ?? fragments } } : {}),
  };
}

function withWritable<Guest extends Pick<EmbeddedGuestSettings, "shares">>(
  guest: Guest,
  { rw = [] }: RunDefaults,
): Guest {
  const { shares = [] } = guest;
  // What the request says of a directory goes before.
  const more = rw.filter(
    (path) => !shares.some((share) => share.path === path && share.target === undefined),
  );
  if (more.length === 0) return guest;
  return { ...guest, shares: [...shares, ...more.map((path) => ({ path, access: "read-write" }) as const)] };
}

function limits(
  files: readonly DefaultsFile[],
): Pick<CommandSettings, "bootTimeoutMs" | "failOn" | "timeoutMs"> {
  const { timeoutMs, bootTimeoutMs } = mergeDefaults(files);
  const failOn = knownComplaints(files);
  return {
    ...(failOn === undefined ? {} : { failOn }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(bootTimeoutMs === undefined ? {} : { bootTimeoutMs }),
  };
}

function knownComplaints(files: readonly DefaultsFile[]): CommandSettings["failOn"] {
  const last = files.findLast(({ defaults }) => defaults.failOn !== undefined);
  return last?.defaults.failOn?.map((name, index) => {
    if (isComplaintKind(name)) return name;
    throw codedError(
      "TREE_CONFIG_INVALID",
      `${last.file}: failOn[${index}]: '${name}' is no complaint of the kernel`,
      { hint: `Known are ${complaintKinds.join(", ")}.` },
    );
  });
}
