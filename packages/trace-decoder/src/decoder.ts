import { findVmlinux, type KernelBuild } from "@vm/kernel-build";
import {
  framesOf,
  isBehindCaller,
  kernelOffset,
  placeOf,
  toldRelease,
  type KernelReport,
  type LineRole,
  type StackFrame,
} from "@vm/kernel-report";
import { readElfSymbols, type CodeSymbol, type ElfSymbols } from "./elf-symbols.js";
import { openLineProgram, type LineProgram, type SourcePlace } from "./line-program.js";
import { findLineTool } from "./line-tool.js";
import { moduleFiles } from "./module-file.js";

/** A frame, and the lines of source text that it stands for. */
export interface DecodedFrame extends StackFrame {
  /** The innermost of inlined calls first, the function itself last; empty where nothing is known of it. */
  readonly places: readonly SourcePlace[];
}

export interface DecodedLine {
  readonly raw: string;
  readonly text: string;
  readonly role: LineRole;
  readonly frames: readonly DecodedFrame[];
}

export interface DecodedReport extends Omit<KernelReport, "lines"> {
  readonly lines: readonly DecodedLine[];
  /** The place that it is about: where the CPU was, or the call that was complained of. */
  readonly place: DecodedFrame | null;
}

/** Why places are missing, for a person. */
export interface DecoderProblem {
  /** Stable: `NO_VMLINUX`, `NO_DEBUG_INFO`, `NO_ADDR2LINE`, `NO_MODULE`, `NO_OFFSET`, `OTHER_KERNEL`, `LINES_FAILED`. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface Decoder {
  /** @param offset how far the kernel was moved (`kernelOffset`), where a later report of the same boot tells; it is asked for where a kernel has no names */
  decode(this: void, report: KernelReport, offset?: bigint | null): Promise<DecodedReport>;
  /** What kept places back so far, each once. */
  problems(this: void): readonly DecoderProblem[];
  /** The directory of the sources that the kernel was compiled from; null before the first report, and where nobody knows. */
  sources(this: void): string | null;
  /** Ends the programs that were kept open. */
  close(this: void): void;
}

export interface DecoderSettings {
  readonly build: KernelBuild;
  /** Modules that are not of the kernel's own tree: .ko files, or directories that hold them. */
  readonly modules?: readonly string[];
  /** Where a debug package of the kernel is unpacked. */
  readonly debugRoot?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** This host's architecture, as QEMU names it. */
  readonly hostArch: string;
}

/** One for all reports of a kernel. Nothing is read and nothing started before the first of them. */
export function openDecoder({ build, modules = [], debugRoot, env, hostArch }: DecoderSettings): Decoder {
  const problems = new Map<string, DecoderProblem>();
  const files = new Map<string, string | null>();
  const tables = new Map<string, ElfSymbols | null>();
  const programs = new Map<string, LineProgram>();
  let sources: string | null | undefined;

  function problem(found: DecoderProblem): null {
    problems.set(found.message, found);
    return null;
  }

  /** Read once: of a kernel it takes longer than all questions of a report. */
  function symbolsIn(path: string): ElfSymbols | null {
    const known = tables.get(path);
    if (known !== undefined) return known;
    const read = readElfSymbols(path);
    tables.set(path, read);
    return read;
  }

  /** The file with the code of a module, or of the kernel (null). */
  function fileOf(module: string | null): string | null {
    const key = module ?? "";
    const known = files.get(key);
    if (known !== undefined) return known;
    const found = module === null ? kernelFile() : moduleFile(module);
    files.set(key, found);
    return found;
  }

  function kernelFile(): string | null {
    const path = findVmlinux(build, debugRoot)?.path;
    if (path === undefined) {
      return problem({
        code: "NO_VMLINUX",
        message: `no vmlinux is beside ${build.image}: stacks are shown without lines`,
        hint: `Name the build tree, or install the debug package of ${build.release}${build.kind === "unpacked" ? ", or put it beside the kernel's" : ""}; ${withOption}.`,
      });
    }
    if (symbolsIn(path)?.hasLines === true) return path;
    return problem({
      code: "NO_DEBUG_INFO",
      message: `${path} has no debug information: its frames are shown without lines`,
      hint: `${withOption[0]?.toUpperCase() ?? ""}${withOption.slice(1)} (the fragment gdb).`,
    });
  }

  function moduleFile(name: string): string | null {
    const candidates = moduleFiles(name, {
      build,
      places: modules,
      ...(debugRoot === undefined ? {} : { debugRoot }),
    });
    const found = candidates.find((path) => symbolsIn(path)?.hasLines === true);
    if (found !== undefined) return found;
    const [without] = candidates;
    return problem({
      code: "NO_MODULE",
      message:
        without === undefined
          ? `the module ${name} was not found: its frames are shown without lines`
          : `${without} has no debug information: its frames are shown without lines`,
      hint:
        without === undefined
          ? `Name its .ko, or the directory of it, with --module.`
          : `A module has it where its kernel has: ${withOption}.`,
    });
  }

  function programOf(path: string, { header }: ElfSymbols, section: string | null): LineProgram | null {
    const inModule = section !== null && header.table.entries === 0;
    const key = JSON.stringify([path, inModule ? section : null]);
    const known = programs.get(key);
    if (known !== undefined) return known;
    const tool = findLineTool(build.arch, { env, hostArch });
    if (tool === undefined) {
      return problem({
        code: "NO_ADDR2LINE",
        message: `no addr2line for ${build.arch} is installed: stacks are shown without lines`,
        hint: "Install binutils of that architecture, or llvm.",
      });
    }
    if (inModule && !tool.takesSection && section !== ".text") return null;
    const program = openLineProgram([
      tool.program,
      "-afi",
      "-e",
      path,
      ...(inModule && tool.takesSection ? ["-j", section] : []),
    ]);
    programs.set(key, program);
    return program;
  }

  /** Frames of a kernel that has no names. */
  async function placesOfAddresses(
    frames: readonly (StackFrame & { readonly address: string })[],
    offset: bigint | null,
  ): Promise<readonly (readonly SourcePlace[])[]> {
    const path = fileOf(null);
    const elf = path === null ? null : symbolsIn(path);
    if (path === null || elf === null) return [];
    if (offset === null) {
      problem({
        code: "NO_OFFSET",
        message:
          "the kernel writes addresses, and no report says how far it was moved: they are shown without lines",
        hint: "A panic says it (-a oops=panic), -a nokaslr keeps the kernel where it is, and CONFIG_KALLSYMS=y gives names.",
      });
      return [];
    }
    const addresses = frames.map(
      ({ address, points }) => BigInt(address) - offset - (points === "call" ? 1n : 0n),
    );
    return (await programOf(path, elf, null)?.find(addresses)) ?? [];
  }

  async function placesOf(
    all: readonly StackFrame[],
    offset: bigint | null,
  ): Promise<Map<StackFrame, readonly SourcePlace[]>> {
    const found = new Map<StackFrame, readonly SourcePlace[]>();
    const bare = all.filter(isAddress);
    // Where a kernel has names, an address without one is none of its code.
    if (bare.length === all.length) {
      const answers = await placesOfAddresses(bare, offset);
      for (const [index, frame] of bare.entries()) found.set(frame, answers[index] ?? []);
    }
    const frames = all.filter((frame) => !isAddress(frame));
    for (const module of new Set(frames.map((frame) => frame.module))) {
      const group = frames.filter((frame) => frame.module === module);
      const path = fileOf(module);
      if (path === null) continue;
      const elf = symbolsIn(path);
      if (elf === null) continue;
      const questions = new Map<LineProgram, { frame: StackFrame; address: bigint }[]>();
      for (const frame of group) {
        const symbol = symbolOf(frame, elf.symbols.get(frame.symbol) ?? []);
        if (symbol === null) continue;
        const program = programOf(path, elf, symbol.section);
        if (program === null) continue;
        const asked = { frame, address: addressOf(frame, symbol) };
        const others = questions.get(program);
        if (others === undefined) questions.set(program, [asked]);
        else others.push(asked);
      }
      for (const [program, asked] of questions) {
        const answers = await program.find(asked.map(({ address }) => address));
        for (const [index, { frame }] of asked.entries()) found.set(frame, answers[index] ?? []);
      }
    }
    return found;
  }

  /** As scripts/decode_stacktrace.sh finds it: init/main.c is where `kernel_init` is. */
  async function findSources(): Promise<string | null> {
    const path = fileOf(null);
    const elf = path === null ? null : symbolsIn(path);
    const [symbol] = elf?.symbols.get("kernel_init") ?? [];
    if (path === null || elf === null || symbol === undefined) return null;
    const [places] = (await programOf(path, elf, null)?.find([symbol.address])) ?? [];
    const file = places?.at(-1)?.file ?? "";
    return file.endsWith("/init/main.c") ? file.slice(0, -"/init/main.c".length) : null;
  }

  /** The call before a function's first instruction: in the function that ends there. Null where nobody knows it. */
  function callerBefore(frame: StackFrame): StackFrame | null {
    const path = fileOf(frame.module);
    const elf = path === null ? null : symbolsIn(path);
    const behind = symbolOf(frame, elf?.symbols.get(frame.symbol) ?? []);
    if (elf === null || behind === null) return null;
    let caller: { name: string; symbol: CodeSymbol } | null = null;
    for (const [name, symbols] of elf.symbols) {
      for (const symbol of symbols) {
        if (symbol.section !== behind.section || symbol.address >= behind.address) continue;
        if (symbol.address + symbol.size !== behind.address) continue;
        if (caller === null || symbol.address > caller.symbol.address) caller = { name, symbol };
      }
    }
    if (caller === null) return null;
    const size = Number(caller.symbol.size);
    return { ...frame, symbol: caller.name, offset: size, size };
  }

  /** What a report is about, as its vmlinux tells it better than the kernel does. */
  function knownPlace(report: KernelReport): StackFrame | null {
    const place = placeOf(report, "all");
    if (place === null || !isBehindCaller(place)) return place;
    return (isOfKernel(report) ? callerBefore(place) : null) ?? placeOf(report);
  }

  async function decodeAll(report: KernelReport, later: bigint | null = null): Promise<DecodedReport> {
    const place = knownPlace(report);
    const lines = report.lines.map((line) => ({ line, frames: framesOf(line.text) }));
    const frames = [...lines.flatMap((each) => each.frames), ...(place === null ? [] : [place])];
    let places: Map<StackFrame, readonly SourcePlace[]> = new Map();
    if (frames.length > 0 && isOfKernel(report)) {
      try {
        const offset = kernelOffset(report.lines.map(({ text }) => text)) ?? later;
        places = await placesOf(frames, offset);
        sources ??= await findSources();
      } catch (error) {
        problem({
          code: "LINES_FAILED",
          message: error instanceof Error ? error.message : String(error),
        });
      }
    }
    const decoded = (frame: StackFrame): DecodedFrame => ({ ...frame, places: places.get(frame) ?? [] });
    return {
      ...report,
      lines: lines.map(({ line, frames: found }) => ({ ...line, frames: found.map(decoded) })),
      place: place === null ? null : decoded(place),
    };
  }

  /** The lines of one kernel are wrong for another one. */
  function isOfKernel(report: KernelReport): boolean {
    const told = toldRelease(report);
    if (told === null || told === build.release) return true;
    problem({
      code: "OTHER_KERNEL",
      message: `the report is of Linux ${told}, the kernel is ${build.release}: its stacks are shown without lines`,
      hint: "Name the kernel that ran.",
    });
    return false;
  }

  return {
    decode: decodeAll,
    problems: () => [...problems.values()],
    sources: () => sources ?? null,
    close() {
      for (const program of programs.values()) program.close();
    },
  };
}

/** A report of a kernel that is not at hand: none of its frames has a line. */
export function withoutLines(report: KernelReport): DecodedReport {
  const place = placeOf(report);
  return {
    ...report,
    lines: report.lines.map((line) => ({ ...line, frames: framesOf(line.text).map(unplaced) })),
    place: place === null ? null : unplaced(place),
  };
}

function unplaced(frame: StackFrame): DecodedFrame {
  return { ...frame, places: [] };
}

const withOption = "lines come with CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y";

/**
 * The function of that name that a frame can be in. Several static ones may share a name: the kernel's size of a symbol reaches to the next
 * one, the compiler's is at most that. None where it does not fit: it is the code of another build.
 */
function symbolOf({ size, offset }: StackFrame, symbols: readonly CodeSymbol[]): CodeSymbol | null {
  const fitting = symbols.filter((symbol) => symbol.size <= BigInt(size) && offset <= size);
  const [first, ...others] = fitting;
  if (first === undefined) return null;
  return others.reduce((best, each) => (each.size > best.size ? each : best), first);
}

function isAddress(frame: StackFrame): frame is StackFrame & { readonly address: string } {
  return frame.address !== null;
}

/** A call's return address is that of the next instruction, which may be of another line. */
function addressOf({ offset, points }: StackFrame, { address }: CodeSymbol): bigint {
  const exact = address + BigInt(offset);
  return points === "call" && offset > 0 ? exact - 1n : exact;
}
