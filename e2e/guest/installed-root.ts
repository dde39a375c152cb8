import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Lays a build out as `make install modules_install` would, in the directory `root`: `boot/` and `lib/modules/RELEASE/`, with no index.
 * One module is in `updates/`, as those of DKMS are.
 */
export function installedRoot(root: string, { build, release }: { build: string; release: string }): string {
  const modules = join(root, "lib/modules", release);
  const copy = (from: string, to: string): void => {
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(build, from), to);
  };
  copy("arch/x86/boot/bzImage", join(root, "boot", `vmlinuz-${release}`));
  copy(".config", join(root, "boot", `config-${release}`));
  // Linux 6.2 and newer list x.o, older ones kernel/x.ko.
  const listed = readFileSync(join(build, "modules.order"), "utf8").trim().split("\n");
  const names = listed.map((line) => line.replace(/^kernel\//, "").replace(/\.k?o$/, ".ko"));
  for (const name of names) copy(name, join(modules, "kernel", name));
  copy("drivers/net/dummy.ko", join(modules, "updates/dummy.ko"));
  for (const name of ["modules.builtin", "modules.builtin.modinfo"]) copy(name, join(modules, name));
  writeFileSync(join(modules, "modules.order"), names.map((name) => `kernel/${name}\n`).join(""));
  symlinkSync(build, join(modules, "build"));
  return root;
}
