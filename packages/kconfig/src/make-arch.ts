import { architectureNamed } from "@vm/qemu-argv";
import { parseConfig } from "./config-text.js";

/** An architecture under the three names that the kernel has for it. */
export interface MakeArch {
  /** For `ARCH=`; null where make is to find out by itself, which is the host. */
  readonly make: string | null;
  /** The directory in arch/: `x86`, `arm64`. */
  readonly directory: string;
  /** In the names of fragments: `x86_64`, `arm64`. */
  readonly fragments: string;
}

/**
 * The architecture of a merge: the one that is asked for, else that of the base (the head of every `.config` has it), else
 * `ARCH` of the environment, else the host's.
 */
export function makeArchOf(from: {
  readonly asked: string | undefined;
  /** The text of the base, or null. */
  readonly config: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}): MakeArch {
  const named = from.asked ?? headOf(from.config) ?? from.env["ARCH"];
  if (named === undefined || named === "") return { make: null, ...namesOf(process.arch) };
  const names = namesOf(named);
  const is32 = names.directory === "x86" && from.config !== null && isX86With32Bits(from.config);
  // QEMU's and Debian's names are not make's: `aarch64` and `amd64` are no directories in arch/.
  return { make: makeNameOf(named), ...names, ...(is32 ? { fragments: "i386" } : {}) };
}

/** The value of `ARCH=` for a name of QEMU, Debian, Node or make itself, where the table of architectures has it. */
function makeNameOf(name: string): string {
  // Make knows both of a PC's words, and Node's `x64` is none of them.
  if (name === "x86" || name === "i386") return name;
  return architectureNamed(name)?.makeArch ?? others[name] ?? name;
}

const others: { readonly [name: string]: string } = {
  riscv32: "riscv",
  loong64: "loongarch",
  loongarch64: "loongarch",
};

function namesOf(name: string): { readonly directory: string; readonly fragments: string } {
  const arch = makeNameOf(name);
  if (arch === "x86" || arch === "x86_64") return { directory: "x86", fragments: "x86_64" };
  if (arch === "i386") return { directory: "x86", fragments: "i386" };
  return { directory: arch, fragments: arch };
}

/** `# Linux/arm64 6.1.0 Kernel Configuration` */
function headOf(config: string | null): string | undefined {
  return config === null ? undefined : /^# Linux\/(\w+) \S+ Kernel Configuration$/m.exec(config)?.[1];
}

function isX86With32Bits(config: string): boolean {
  return parseConfig(config).get("CONFIG_X86_32") === "y";
}
