import { codedError, findProgram } from "@vm/command-plan";
import { architectureNamed, hostArchitecture, type ArchitectureFacts } from "@vm/qemu-argv";

type Environment = Readonly<Record<string, string | undefined>>;

/** A PC's compiler makes kernels of 32 and of 64 bits. */
const sameCompiler: readonly (readonly string[])[] = [["x86_64", "i386"]];

interface Lookup {
  readonly env: Environment;
  /** By the name of qemu-argv's table. Default: that of this machine. */
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

function foreign(
  arch: string,
  { env, host = hostArchitecture(process.arch) }: Lookup,
): ArchitectureFacts | undefined {
  if (["CROSS_COMPILE", "LLVM", "CC"].some((name) => (env[name] ?? "") !== "")) return undefined;
  const facts = architectureNamed(arch);
  if (facts === undefined || facts.name === host) return undefined;
  return sameCompiler.some((group) => group.includes(facts.name) && group.includes(host)) ? undefined : facts;
}

function installed({ crossCompile: prefixes }: ArchitectureFacts, { env }: Lookup): string | undefined {
  return prefixes.find((prefix) => findProgram(`${prefix}gcc`, env) !== undefined);
}

/** Fedora's compilers are called after the last of the names: `gcc-arm-linux-gnu`. */
function fedoraName({ crossCompile: prefixes }: ArchitectureFacts): string {
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
  return [`ARCH=${makeArch}`, `CROSS_COMPILE=${architectureNamed(arch)?.crossCompile[0] ?? "..."}`];
}
