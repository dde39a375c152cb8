/**
 * The modules that a build tree's `modules.order` lists, as paths of their `.ko` relative to the tree, in order and
 * each once. Three forms are read: `kernel/fs/x.ko` (before Linux 5.4), `fs/x.ko` (before 6.2), `fs/x.o` (since).
 *
 * In the first form every line starts with `kernel/`, but so does a list of nothing but modules of the directory kernel/:
 * `exists` (a path relative to the tree) tells them apart.
 */
export function parseModulesOrder(text: string, exists: (path: string) => boolean): string[] {
  const lines = text.split("\n").filter((line) => /\.k?o$/.test(line) && isInside(line));
  const [first] = lines;
  if (first === undefined) return [];
  const paths = lines.map((line) => line.replace(/\.k?o$/, ".ko"));
  const prefixed = paths.every((path) => path.startsWith(prefix)) && first.endsWith(".ko");
  const stripped = prefixed && !paths.some(exists);
  return [...new Set(stripped ? paths.map((path) => path.slice(prefix.length)) : paths)];
}

/** No build lists a module outside of its tree, where the guest would not find it; and no link or index of ours is to point there. */
function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..");
}

/** The `modules.order` that modules_install writes for these modules: the one that depmod and modprobe understand. */
export function renderInstalledOrder(modules: readonly string[]): string {
  return modules.map((path) => `${prefix}${path}\n`).join("");
}

const prefix = "kernel/";
