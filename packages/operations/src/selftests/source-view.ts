import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isDirectory, isFile, outputOf } from "@vm/host-files";

/**
 * A kernel source as it was before anything was compiled in it, for make to work with: links to all but what a build leaves, which `make O=`
 * refuses, and a copy of tools/, so that no selftest writes into the source, whatever its Makefile does.
 */
export async function makeSourceView(
  source: string,
  view: string,
  run: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  mkdirSync(view);
  linkAll(source, view, new Set([".config", ".git", "arch", "include", "tools", "usr"]));
  mkdirSync(join(view, "include"));
  linkAll(join(source, "include"), join(view, "include"), generated);
  mkdirSync(join(view, "arch"));
  for (const arch of readdirSync(join(source, "arch"))) {
    const from = join(source, "arch", arch);
    const to = join(view, "arch", arch);
    if (!isDirectory(from)) {
      symlinkSync(from, to);
      continue;
    }
    mkdirSync(to);
    linkAll(from, to, new Set(["include"]));
    if (!isDirectory(join(from, "include"))) continue;
    mkdirSync(join(to, "include"));
    linkAll(join(from, "include"), join(to, "include"), generated);
  }
  // make O= reads usr/include/Makefile; the headers that a build installs beside it are made anew.
  mkdirSync(join(view, "usr/include"), { recursive: true });
  linkAll(join(source, "usr"), join(view, "usr"), new Set(["include"]));
  for (const name of ["Makefile", "headers_check.pl"]) {
    const file = join(source, "usr/include", name);
    if (isFile(file)) symlinkSync(file, join(view, "usr/include", name));
  }
  await outputOf(["cp", "-a", "--reflink=auto", "--", join(source, "tools"), join(view, "tools")], run);
}

const generated = new Set(["config", "generated"]);

function linkAll(from: string, to: string, without: ReadonlySet<string>): void {
  for (const name of readdirSync(from)) {
    if (!without.has(name)) symlinkSync(join(from, name), join(to, name));
  }
}
