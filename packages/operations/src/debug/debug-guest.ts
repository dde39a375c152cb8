import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { quoteShell } from "@vm/command-plan";
import {
  checkDumpFile,
  dumpNoteDevice,
  gdbArgv,
  gdbStubOptions,
  panicDevice,
  panicParameters,
  type GdbEndpoint,
} from "@vm/guest-run";
import { findVmlinux, type KernelBuild } from "@vm/kernel-build";
import { requestedBoot, type QemuOption } from "@vm/qemu-argv";
import type { RunDebug } from "@vm/vm-store";
import { qmpServer } from "../guest/qmp-server.js";
import { tell, type Host } from "../host.js";
import type { Mode } from "../mode.js";
import { remark, warning, type Notice } from "../notice.js";
import { requestError } from "../request/request-error.js";
import type { DebugSettings } from "../request/request.js";
import { gdbEndpoint } from "./gdb-endpoint.js";
import { gdbProgram } from "./gdb-program.js";
import { traceParameters, unknownEventWarnings } from "./trace-events.js";

/** What is known of the run whose guest is to be looked at. */
export interface DebugSurroundings {
  /** The VM; absent: the embedded guest. */
  readonly vm?: { readonly name: string; readonly directory: string };
  readonly arch: string;
  readonly build?: KernelBuild;
  /** All of the person's own options. */
  readonly userOptions: readonly QemuOption[];
  /** Who sees a panic: `console`: whoever reads the kernel's console; `qemu`: nobody but QEMU. */
  readonly panicSeenBy: "console" | "qemu";
}

/** A run made ready for it. */
export interface DebugGuest {
  /** QEMU's options, which come before the person's. */
  readonly options: readonly QemuOption[];
  /** Kernel parameters, which come before all others. */
  readonly cmdline: readonly string[];
  /** For those who come from outside. */
  readonly record?: RunDebug;
  /** Where the memory goes; absolute. */
  readonly dumpFile?: string;
  /** QEMU's socket for the one that waits for a panic. */
  readonly watchSocket?: string;
  /** Whether gdb may hold the guest. */
  readonly gdb: "none" | "stub";
  /** Removes what was made for it. */
  close(): void;
}

/**
 * Makes a guest ready to be looked at, and tells how gdb is started. For a script nothing is made: then the embedded guest's sockets
 * are where they could be.
 */
export function debugGuest(
  settings: DebugSettings,
  surroundings: DebugSurroundings,
  mode: Mode,
  host: Host,
): DebugGuest {
  const { vm, arch, build, userOptions, panicSeenBy } = surroundings;
  const { gdb, dump, trace } = settings;
  if (trace !== undefined && build === undefined) {
    throw requestError("debug.trace", "only a kernel from the host takes its parameters");
  }
  const dumpFile = dump === undefined ? undefined : resolve(host.cwd, dump);
  if (dumpFile !== undefined && mode === "run") checkDumpFile(dumpFile);
  const tracing = trace === undefined ? [] : [traceParameters(trace)];
  if (trace !== undefined && build !== undefined) tell(host, unknownEventWarnings(trace, build));
  const place =
    vm === undefined ? ownPlace(settings, mode, host) : { directory: vm.directory, close: () => {} };
  const socket = (name: string): string => join(place.directory, `.${name}.sock`);
  try {
    const endpoint =
      gdb === undefined ? undefined : gdbEndpoint(gdb.endpoint, { cwd: host.cwd, socket: socket("gdb") });
    const watched = dumpFile !== undefined && panicSeenBy === "qemu";
    const cmdline = [
      ...(gdb === undefined ? [] : ["nokaslr"]),
      ...(gdb?.start === "at-failure" ? ["oops=panic"] : []),
      ...(watched ? panicParameters(arch) : []),
      ...tracing,
    ];
    tell(host, ownAppendWarnings(cmdline, userOptions));
    const vmlinux = build === undefined ? undefined : findVmlinux(build);
    const record: RunDebug = {
      arch,
      ...(endpoint === undefined ? {} : { gdb: endpoint }),
      ...(vm === undefined || (dumpFile === undefined && gdb === undefined) ? {} : { qmp: socket("qmp") }),
      ...(vmlinux === undefined ? {} : { vmlinux: vmlinux.path }),
      ...(vmlinux?.scripts === undefined ? {} : { scripts: vmlinux.scripts }),
    };
    if (endpoint !== undefined && gdb?.start !== "at-failure")
      tell(host, gdbNotices(endpoint, record, settings, surroundings, host.arch));
    return {
      options: [
        ...(endpoint === undefined
          ? []
          : gdbStubOptions({ endpoint, start: gdb?.start === "when-told" ? "when-told" : "at-once" })),
        ...(record.qmp === undefined ? [] : qmpServer("vm-control", record.qmp)),
        ...(watched ? [...qmpServer("vm-watch", socket("watch")), ...panicDevice(arch, userOptions)] : []),
        ...(dumpFile === undefined ? [] : dumpNoteDevice(arch, userOptions)),
      ],
      cmdline: build === undefined ? [] : cmdline,
      record,
      ...(dumpFile === undefined ? {} : { dumpFile }),
      ...(watched ? { watchSocket: socket("watch") } : {}),
      gdb: gdb === undefined || gdb.start === "at-failure" ? "none" : "stub",
      close: place.close,
    };
  } catch (error) {
    place.close();
    throw error;
  }
}

/** A directory for the sockets of a guest that has none. */
function ownPlace({ gdb }: DebugSettings, mode: Mode, { env }: Host): { directory: string; close(): void } {
  const parent = env["XDG_RUNTIME_DIR"] || tmpdir();
  const needed = gdb !== undefined && gdb.endpoint === undefined;
  if (mode === "script" || !needed) return { directory: join(parent, "vm-gdb"), close: () => {} };
  const directory = mkdtempSync(join(parent, "vm-"));
  return { directory, close: () => rmSync(directory, { recursive: true, force: true }) };
}

function ownAppendWarnings(parameters: readonly string[], userOptions: readonly QemuOption[]): Notice[] {
  if (parameters.length === 0 || requestedBoot(userOptions).append === undefined) return [];
  return [
    warning(
      "APPEND_OF_YOUR_OWN",
      `an -append of your own is the whole kernel command line: ${parameters.join(" ")} is not in it`,
    ),
  ];
}

function gdbNotices(
  endpoint: GdbEndpoint,
  { arch, vmlinux, scripts }: RunDebug,
  { gdb }: DebugSettings,
  { vm, build }: DebugSurroundings,
  hostArch: string,
): Notice[] {
  const argv = gdbArgv({
    endpoint,
    program: gdbProgram(arch, hostArch),
    ...(vmlinux === undefined ? {} : { vmlinux }),
    ...(scripts === undefined ? {} : { scripts }),
  });
  const waits = gdb?.start === "when-told" ? "The guest waits for gdb's continue. " : "";
  const own = vm === undefined ? "" : ` (or: vm gdb ${quoteShell(vm.name)})`;
  return [
    ...(vmlinux === undefined ? [warning("NO_SYMBOLS", withoutSymbols(build))] : []),
    remark(`${waits}In another terminal${own}:`),
    { kind: "command", argv },
  ];
}

function withoutSymbols(build: KernelBuild | undefined): string {
  return build === undefined
    ? "without -k the kernel's symbols are not known: gdb will see addresses only"
    : `no vmlinux was found for ${build.image}: gdb will see addresses only. ${debugPackages(build)}`;
}

function debugPackages({ kind, release }: KernelBuild): string {
  return kind === "image"
    ? "Name the build tree, or put vmlinux beside the image."
    : `Distributions have it in a package of its own: linux-image-${release}-dbg of Debian, kernel-debuginfo of Fedora.`;
}
