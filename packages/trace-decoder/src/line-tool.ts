import { findArchitecture, findGuest, isSameToolchain } from "@vm/architectures";
import { findProgram } from "@vm/command-plan";

export interface LineTool {
  readonly program: string;
  /** GNU's looks into one section, which a module needs: each of its sections begins at the address 0. */
  readonly takesSection: boolean;
}

/**
 * What tells lines of that architecture's machine code: binutils of this host or of its cross compiler, else LLVM's, which knows all of them.
 * Undefined where none is installed.
 */
export function findLineTool(
  arch: string,
  {
    env,
    hostArch,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly hostArch: string },
): LineTool | undefined {
  const { name = arch } = findArchitecture(arch) ?? {};
  const gnu = isSameToolchain(name, hostArch)
    ? ["addr2line"]
    : (findGuest(name)?.crossCompile ?? []).map((prefix) => `${prefix}addr2line`);
  const found = gnu.map((each) => findProgram(each, env)).find((each) => each !== undefined);
  if (found !== undefined) return { program: found, takesSection: true };
  const llvm = findProgram("llvm-addr2line", env);
  return llvm === undefined ? undefined : { program: llvm, takesSection: false };
}
