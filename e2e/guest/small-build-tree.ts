import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HELLO = fileURLToPath(new URL("../../modules/hello", import.meta.url));
/** Where modules/hello is in the tree. */
export const HELLO_PATH = "drivers/misc/hello.ko";

/** What a guest needs of a build tree, a copy that a test may change, with modules/hello as one of its modules. */
export interface SmallBuildTree {
  readonly path: string;
  /** Compiles modules/hello against the kernel and puts it into the tree, as a build does: in place. */
  buildHello(version: string): void;
  /** Makes the contract's `modules-index` by the host's depmod, or makes it again. Returns its directory, always the same. */
  makeIndex(): string;
  setRelease(release: string): void;
}

/** @param work a directory for the tree and all that it needs */
export function smallBuildTree({
  build,
  release,
  work,
}: {
  readonly build: string;
  readonly release: string;
  readonly work: string;
}): SmallBuildTree {
  const path = join(work, "tree");
  const order = readFileSync(join(build, "modules.order"), "utf8");
  const listed = order.trim().split("\n");
  // Linux 6.2 and newer list x.o, older ones kernel/x.ko.
  const prefix = order.startsWith("kernel/") ? "kernel/" : "";
  const suffix = order.trimEnd().endsWith(".ko") ? ".ko" : ".o";
  const modules = listed.map((line) => line.slice(prefix.length).replace(/\.k?o$/, ".ko"));
  const rest = [
    "modules.builtin",
    "modules.builtin.modinfo",
    "include/config/kernel.release",
    "Module.symvers",
  ];
  for (const file of [...modules, ...rest]) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    copyFileSync(join(build, file), join(path, file));
  }
  writeFileSync(join(path, "modules.order"), `${order}${prefix}${HELLO_PATH.replace(/\.ko$/, suffix)}\n`);

  function buildHello(version: string): void {
    const directory = join(work, "hello");
    cpSync(HELLO, directory, { recursive: true });
    const make = ["-C", build, `M=${directory}`, `HELLO_VERSION=${version}`, "modules"];
    execFileSync("make", make, { stdio: ["ignore", "ignore", "inherit"] });
    mkdirSync(dirname(join(path, HELLO_PATH)), { recursive: true });
    copyFileSync(join(directory, "hello.ko"), join(path, HELLO_PATH));
  }

  function makeIndex(): string {
    const stage = mkdtempSync(join(work, "stage-"));
    const staged = join(stage, "lib/modules", release);
    const installed = [...modules, HELLO_PATH].map((module) => `kernel/${module}`);
    for (const module of installed) {
      mkdirSync(dirname(join(staged, module)), { recursive: true });
      symlinkSync(join(path, module.slice("kernel/".length)), join(staged, module));
    }
    writeFileSync(join(staged, "modules.order"), `${installed.join("\n")}\n`);
    for (const file of ["modules.builtin", "modules.builtin.modinfo"]) {
      copyFileSync(join(path, file), join(staged, file));
    }
    execFileSync("depmod", ["-b", stage, release]);
    const index = join(work, "index");
    mkdirSync(index, { recursive: true });
    rmSync(join(index, "release"), { force: true });
    for (const file of readdirSync(staged).filter((name) => name.startsWith("modules."))) {
      renameSync(join(staged, file), join(index, file));
    }
    writeFileSync(join(index, "release"), `${release}\n`);
    return index;
  }

  return {
    path,
    buildHello,
    makeIndex,
    setRelease: (other) => writeFileSync(join(path, "include/config/kernel.release"), `${other}\n`),
  };
}
