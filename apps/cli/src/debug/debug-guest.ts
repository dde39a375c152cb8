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
import type { CommandContext } from "../command-module.js";
import { writeError, writeNotice } from "../output.js";
import type { RunOptions } from "../run/run-options.js";
import { usageError } from "../usage-error.js";
import { parseGdbEndpoint } from "./gdb-endpoint.js";
import { gdbProgram } from "./gdb-program.js";
import { traceParameters, warnOfUnknownEvents } from "./trace-events.js";

/** What is known of the run whose guest is to be looked at. */
export interface DebugSurroundings {
  readonly context: CommandContext;
  /** The VM; absent: the embedded guest. */
  readonly vm?: { readonly name: string; readonly directory: string };
  readonly arch: string;
  readonly build?: KernelBuild;
  /** All of the person's own options. */
  readonly theirs: readonly QemuOption[];
  /** Who sees a panic: `console`: whoever reads the kernel's console; `qemu`: nobody but QEMU. */
  readonly panicSeenBy: "console" | "qemu";
}

/** A run made ready for it. */
export interface DebugGuest {
  /** QEMU's options, which come before those after `--`. */
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
 * Reads `--gdb`, `--dump` and `--trace`, and says how gdb is started. In a dry run nothing is made: then the embedded guest's
 * sockets are where they could be.
 */
export function prepareDebug(options: RunOptions, surroundings: DebugSurroundings): DebugGuest {
  const { context, vm, arch, build, theirs, panicSeenBy } = surroundings;
  const { dump, trace } = options;
  if (trace !== undefined && build === undefined) throw noKernel("--trace");
  const wantsGdb = options.gdb !== undefined || options.gdbWait === true;
  const dumpFile = dump === undefined ? undefined : resolve(context.cwd, dump);
  if (dumpFile !== undefined && options.dryRun !== true) checkDumpFile(dumpFile);
  const tracing = trace === undefined ? [] : [traceParameters(trace)];
  if (trace !== undefined && build !== undefined) warnOfUnknownEvents(trace, build);
  const place = vm === undefined ? ownPlace(options, context) : { directory: vm.directory, close: () => {} };
  const socket = (name: string): string => join(place.directory, `.${name}.sock`);
  try {
    const endpoint = wantsGdb
      ? parseGdbEndpoint(options.gdb, { cwd: context.cwd, socket: socket("gdb") })
      : undefined;
    const watched = dumpFile !== undefined && panicSeenBy === "qemu";
    const cmdline = [...(wantsGdb ? ["nokaslr"] : []), ...(watched ? panicParameters(arch) : []), ...tracing];
    if (cmdline.length > 0) warnOfOwnAppend(cmdline, theirs);
    const vmlinux = build === undefined ? undefined : findVmlinux(build);
    const record: RunDebug = {
      arch,
      ...(endpoint === undefined ? {} : { gdb: endpoint }),
      ...(vm === undefined || (dumpFile === undefined && !wantsGdb) ? {} : { qmp: socket("qmp") }),
      ...(vmlinux === undefined ? {} : { vmlinux: vmlinux.path }),
      ...(vmlinux?.scripts === undefined ? {} : { scripts: vmlinux.scripts }),
    };
    if (endpoint !== undefined) tellGdb(endpoint, record, { ...surroundings, options });
    return {
      options: [
        ...(endpoint === undefined
          ? []
          : gdbStubOptions({ endpoint, start: options.gdbWait === true ? "when-told" : "at-once" })),
        ...(record.qmp === undefined ? [] : [qmpServer(record.qmp)]),
        ...(watched ? [qmpServer(socket("watch")), ...panicDevice(arch, theirs)] : []),
        ...(dumpFile === undefined ? [] : dumpNoteDevice(arch, theirs)),
      ],
      cmdline: build === undefined ? [] : cmdline,
      record,
      ...(dumpFile === undefined ? {} : { dumpFile }),
      ...(watched ? { watchSocket: socket("watch") } : {}),
      gdb: wantsGdb ? "stub" : "none",
      close: place.close,
    };
  } catch (error) {
    place.close();
    throw error;
  }
}

function qmpServer(path: string): QemuOption {
  return { flag: "qmp", value: `unix:${path.replaceAll(",", ",,")},server=on,wait=off` };
}

/** A directory for the sockets of a guest that has none. */
function ownPlace(
  { dryRun, gdb, gdbWait }: RunOptions,
  { env }: CommandContext,
): { directory: string; close(): void } {
  const parent = env["XDG_RUNTIME_DIR"] || tmpdir();
  const needed = gdb === true || (gdb === undefined && gdbWait === true);
  if (dryRun === true || !needed) return { directory: join(parent, "vm-gdb"), close: () => {} };
  const directory = mkdtempSync(join(parent, "vm-"));
  return { directory, close: () => rmSync(directory, { recursive: true, force: true }) };
}

function warnOfOwnAppend(parameters: readonly string[], theirs: readonly QemuOption[]): void {
  if (requestedBoot(theirs).append === undefined) return;
  writeNotice(
    `warning: an -append of your own is the whole kernel command line: ${parameters.join(" ")} is not in it`,
  );
}

function tellGdb(
  endpoint: GdbEndpoint,
  { arch, vmlinux, scripts }: RunDebug,
  { vm, build, options }: DebugSurroundings & { readonly options: RunOptions },
): void {
  if (vmlinux === undefined) {
    writeNotice(
      build === undefined
        ? "warning: without -k the kernel's symbols are not known: gdb will see addresses only"
        : `warning: no vmlinux was found for ${build.image}: gdb will see addresses only. ${debugPackages(build)}`,
    );
  }
  const argv = gdbArgv({
    endpoint,
    program: gdbProgram(arch),
    ...(vmlinux === undefined ? {} : { vmlinux }),
    ...(scripts === undefined ? {} : { scripts }),
  });
  const waits = options.gdbWait === true ? "The guest waits for gdb's continue. " : "";
  const own = vm === undefined ? "" : ` (or: vm gdb ${quoteShell(vm.name)})`;
  writeNotice(`${waits}In another terminal${own}:`);
  // To be pasted as it stands.
  writeError(`  ${argv.map(quoteShell).join(" ")}\n`);
}

function debugPackages({ kind, release }: KernelBuild): string {
  return kind === "image"
    ? "Name the build tree, or put vmlinux beside the image."
    : `Distributions have it in a package of its own: linux-image-${release}-dbg of Debian, kernel-debuginfo of Fedora.`;
}

function noKernel(option: string): Error {
  return usageError(`${option} needs -k: only a kernel from the host takes its parameters`);
}
