import { basename } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { type ProgramOutput, runForOutput } from "@vm/host-files";
import { invalid } from "./option-check.js";

/** What a package says of itself: the values of each key of its `.PKGINFO`, in order. */
export type PackageInfo = ReadonlyMap<string, readonly string[]>;

/** `.PKGINFO` as makepkg writes it: `key = value`, a key once for each of its values, comments with #. */
export function parsePackageInfo(text: string): PackageInfo {
  const info = new Map<string, string[]>();
  for (const [, key = "", value = ""] of text.matchAll(/^([a-z]+) = (.*)$/gm)) {
    info.set(key, [...(info.get(key) ?? []), value]);
  }
  return info;
}

/** The name and the version of a package; empty where it does not say them. */
export function packageIdentity({ info }: { readonly info: string }): {
  readonly name: string;
  readonly version: string;
} {
  const values = parsePackageInfo(info);
  return { name: values.get("pkgname")?.[0] ?? "", version: values.get("pkgver")?.[0] ?? "" };
}

/**
 * The text of `.PKGINFO` in a package file, whatever it is compressed with.
 * @throws `INSTALL_OPTION_INVALID` where there is none; `BSDTAR_NOT_FOUND`
 */
export async function readPackageInfo(path: string): Promise<string> {
  const { stdout, exitCode } = await runBsdtar(path);
  if (exitCode !== 0) throw invalid(`${path}: expected a package of pacman, found no .PKGINFO in it`);
  return stdout;
}

async function runBsdtar(path: string): Promise<ProgramOutput> {
  try {
    return await runForOutput(["bsdtar", "-x", "-O", "-q", "-f", path, ".PKGINFO"]);
  } catch (cause) {
    if (errorCode(cause) !== "PROGRAM_NOT_FOUND") throw cause;
    throw codedError("BSDTAR_NOT_FOUND", `bsdtar is not installed: it reads ${basename(path)}`, {
      hint: "Install it: Debian's package libarchive-tools, Fedora's bsdtar, Arch's libarchive.",
      cause,
    });
  }
}
