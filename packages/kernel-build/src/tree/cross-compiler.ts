import { codedError, findProgram } from "@vm/command-plan";
import { findArchitecture, findGuest, isSameToolchain } from "@vm/architectures";
import { hostArchitecture } from "@vm/qemu-argv";

type Environment = Readonly<Record<string, string | undefined>>;

interface Lookup {
  readonly env: Environment;
  /** By this project's name. Default: that of this machine. */
  readonly host?: string;
}

/**
 * The value of `CROSS_COMPILE=` for make: that of the compiler for `arch` (any of its names) which is installed. Undefined where
 * none is to be given: the person's own environment says it (CROSS_COMPILE, LLVM, CC), or the host's own compiler does.
 *
 * Throws CROSS_COMPILER_MISSING.
 */
export function crossCompile(arch: string, lookup: Lookup): string | undefined {
  const facts = foreign(arch, lookup);
  if (facts === undefined) return undefined;
  const found = installed(facts, lookup);
  if (found !== undefined) return found;
  const [usual = ""] = facts.crossCompile;
  throw codedError(
    "CROSS_COMPILER_MISSING",
    `there is no compiler for ${facts.name} in PATH: no ${facts.crossCompile.map((prefix) => `${prefix}gcc`).join(", no ")}`,
    {
      hint: `Install one (Debian: gcc-${usual.slice(0, -1)}, Fedora: gcc-${fedoraName(facts)}, Arch: ${usual}gcc), or set CROSS_COMPILE or LLVM=1.`,
    },
  );
}

/** As `crossCompile`, for what can do without: undefined also where no such compiler is installed. */
export function installedCrossCompile(arch: string, lookup: Lookup): string | undefined {
  const facts = foreign(arch, lookup);
  return facts === undefined ? undefined : installed(facts, lookup);
}

/** An architecture that wants a compiler of its own. */
interface Foreign {
  readonly name: string;
  readonly crossCompile: readonly string[];
}

function foreign(arch: string, { env, host = hostArchitecture(process.arch) }: Lookup): Foreign | undefined {
  if (["CROSS_COMPILE", "LLVM", "CC"].some((name) => (env[name] ?? "") !== "")) return undefined;
  const facts = findArchitecture(arch);
  if (facts === undefined || facts.guest === null || isSameToolchain(facts.name, host)) return undefined;
  return { name: facts.name, crossCompile: facts.guest.crossCompile };
}

function installed({ crossCompile: prefixes }: Foreign, { env }: Lookup): string | undefined {
  return prefixes.find((prefix) => findProgram(`${prefix}gcc`, env) !== undefined);
}

/** Fedora's compilers are called after the last of the names: `gcc-arm-linux-gnu`. */
function fedoraName({ crossCompile: prefixes }: Foreign): string {
  return prefixes.at(-1)?.slice(0, -1) ?? "";
}

/** `ARCH=` and `CROSS_COMPILE=` for a person to type; the latter by its usual value, where one is known. */
export function makeWords({
  arch,
  makeArch,
}: {
  readonly arch: string;
  readonly makeArch: string;
}): string[] {
  return [`ARCH=${makeArch}`, `CROSS_COMPILE=${findGuest(arch)?.crossCompile[0] ?? "..."}`];
}
