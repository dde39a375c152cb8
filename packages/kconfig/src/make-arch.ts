import { findArchitecture } from "@vm/architectures";
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

/** Values of `ARCH=` that say more than the directory in arch/ does. Source: SRCARCH in the kernel's Makefile. */
const makeOwn: { readonly [name: string]: string } = {
  x86: "x86",
  i386: "x86",
  x86_64: "x86",
  sparc32: "sparc",
  sparc64: "sparc",
  parisc64: "parisc",
};

/** The value of `ARCH=` for a name of QEMU, Debian, Node or make itself, where the table of architectures has it. */
function makeNameOf(name: string): string {
  return makeOwn[name] === undefined ? (findArchitecture(name)?.makeArch ?? name) : name;
}

function namesOf(name: string): { readonly directory: string; readonly fragments: string } {
  const arch = makeNameOf(name);
  const directory = makeOwn[arch] ?? findArchitecture(arch)?.directory ?? arch;
  return { directory, fragments: arch === "x86" ? "x86_64" : directory === "x86" ? arch : directory };
}

/** `# Linux/arm64 6.1.0 Kernel Configuration` */
function headOf(config: string | null): string | undefined {
  return config === null ? undefined : /^# Linux\/(\w+) \S+ Kernel Configuration$/m.exec(config)?.[1];
}

function isX86With32Bits(config: string): boolean {
  return parseConfig(config).get("CONFIG_X86_32") === "y";
}
