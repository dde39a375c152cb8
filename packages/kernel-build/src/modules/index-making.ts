import { realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readableText, readRegular, withDraftUntil, makeDirectory } from "@vm/host-files";
import { runDepmod, runInstalledDepmod } from "./depmod.js";
import { publish } from "./index-directory.js";
import type { Stamp } from "./index-stamp.js";
import { fullLines, isSettled, quickLines, renderStamp, settleTimeMs } from "./index-stamp.js";
import type { IndexedModules } from "./index-source.js";
import { layoutMark } from "./index-source.js";
import { lookAtInstalled } from "./installed-modules.js";
import type { BuildWarning } from "../kernel-build.js";
import type { ModuleFiles } from "./module-files.js";
import { findModuleFiles, moduleExists } from "./module-files.js";
import { parseModulesOrder, renderInstalledOrder } from "./modules-order.js";

/** Makes the index of a build beside `directory`, in a room of the cache that is there, and puts it in place there. Returns what went wrong, or null. */
export async function makeIndex(
  build: IndexedModules,
  { directory, depmod }: { readonly directory: string; readonly depmod: string },
): Promise<BuildWarning | null> {
  const tree = realpathSync(build.tree);
  return withDraftUntil(dirname(directory), async (base) => {
    const root = join(base, "lib/modules", build.release);
    makeDirectory(root);
    const made =
      build.layout === "installed"
        ? await indexInstalled({ base, root, tree, release: build.release, depmod })
        : await indexBuilt({ base, root, tree, release: build.release, depmod });
    if ("problem" in made) return made.problem;
    const incomplete = neededFiles.find(
      (name) => statSync(join(root, name), { throwIfNoEntry: false }) === undefined,
    );
    if (incomplete !== undefined) {
      const message = `this host's depmod makes no ${incomplete}, so the guest will make the index of the modules itself`;
      return { code: "DEPMOD_TOO_SIMPLE", message, hint: "Install kmod's depmod." };
    }
    const stamp: Stamp = { tree, release: build.release, ...made.about };
    writeFileSync(join(root, "release"), `${build.release}\n`);
    if (build.layout === "installed") writeFileSync(join(root, "layout"), `${layoutMark}\n`);
    writeFileSync(join(root, "stamp-files"), made.full.map((line) => `${line}\n`).join(""));
    writeFileSync(join(root, "stamp"), renderStamp(stamp));
    publish({ made: root, directory, tree });
    return null;
  });
}

interface Indexing {
  readonly base: string;
  /** Where depmod is to write. */
  readonly root: string;
  readonly tree: string;
  readonly release: string;
  readonly depmod: string;
}

/** What a stamp says of an index, or why there is none. */
type Indexed =
  | { readonly about: Pick<Stamp, "count" | "missing" | "quick">; readonly full: readonly string[] }
  | { readonly problem: BuildWarning };

async function indexBuilt({ base, root, tree, release, depmod }: Indexing): Promise<Indexed> {
  const modules = lookAtModules(tree);
  if (modules === null) return { problem: buildRunning(tree) };
  const { listed, files, missing, quick, full } = modules;
  writeFileSync(join(root, "modules.order"), renderInstalledOrder(listed));
  for (const name of ["modules.builtin", "modules.builtin.modinfo"])
    copyIfThere(join(tree, name), join(root, name));
  const problem = await runDepmod({ base, release, tree, files, depmod });
  return problem === null ? { about: { count: files.length, missing, quick }, full } : { problem };
}

/** Takes the index that came with the modules where it is complete: who installed them ran depmod. */
async function indexInstalled({ base, root, tree, release, depmod }: Indexing): Promise<Indexed> {
  const modules = lookAtInstalled(tree, neededFiles);
  for (const name of modules.indexFiles) copyIfThere(join(tree, name), join(root, name));
  const problem = modules.isIndexed
    ? null
    : await runInstalledDepmod({ base, release, tree, directories: modules.directories, depmod });
  const { count, quick, full } = modules;
  return problem === null ? { about: { count, missing: [], quick }, full } : { problem };
}

/** No index can be made now, as the tree changes all the time. */
export function buildRunning(tree: string): BuildWarning {
  const message = `the modules of ${tree} are being built right now: there is no index of them yet`;
  return { code: "BUILD_RUNNING", message, hint: "Wait for `make` to end." };
}

// What modprobe of kmod opens; BusyBox's depmod writes only the text forms.
const neededFiles = [
  "modules.dep.bin",
  "modules.alias.bin",
  "modules.symbols.bin",
  "modules.builtin.bin",
] as const;

interface Modules extends ModuleFiles {
  readonly listed: readonly string[];
  readonly quick: readonly string[];
  readonly full: readonly string[];
}

/** The modules and their stamps, taken at a moment when what comes after it will show in a file's time; null where none came. */
function lookAtModules(tree: string): Modules | null {
  for (let attempt = 0; attempt < 100; attempt++) {
    const text = readOrder(tree);
    if (text === null) return null;
    const listed = parseModulesOrder(text, (module) => moduleExists(tree, module));
    const modules = findModuleFiles(tree, listed);
    const quick = quickLines(tree, modules);
    const full = fullLines(tree, modules.files);
    if (isSettled(quick) && isSettled(full)) return { ...modules, listed, quick, full };
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, settleTimeMs);
  }
  return null;
}

function readOrder(tree: string): string | null {
  // It was there a moment ago, but `make` removes it while it works.
  return readableText(join(tree, "modules.order"));
}

function copyIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) writeFileSync(to, readRegular(from));
}
