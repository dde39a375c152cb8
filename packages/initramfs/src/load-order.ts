import type { ModuleIndex } from "./module-index.js";

/** A module to be loaded. */
export interface LoadedModule {
  readonly name: string;
  /** As in modules.dep: `kernel/fs/9p/9p.ko`. */
  readonly path: string;
  /** `wanted`: the boot needs it; `soft`: it makes another one better (or faster), and may refuse this machine. */
  readonly use: "wanted" | "soft";
}

/**
 * The modules with all that they depend on, in the order in which they can be loaded. What is built in is left out, and so
 * are soft dependencies that do not exist, as modprobe does.
 */
export function loadOrder(names: readonly string[], index: ModuleIndex): LoadedModule[] {
  const needed = hardClosure(names, index);
  const seen = new Set<string>();
  const order: LoadedModule[] = [];

  function visit(name: string): void {
    if (seen.has(name) || index.isBuiltIn(name)) return;
    seen.add(name);
    const module = index.find(name);
    if (module === undefined) return;
    const soft = index.softDependencies(name);
    for (const before of soft.pre.flatMap((other) => index.resolve(other))) visit(before);
    // Each of them is itself in modules.dep with what it depends on, so the order on this line does not matter.
    for (const dependency of module.depends) visit(dependency);
    order.push({ name, path: module.path, use: needed.has(name) ? "wanted" : "soft" });
    for (const after of soft.post.flatMap((other) => index.resolve(other))) visit(after);
  }

  for (const name of names) visit(name);
  return order;
}

function hardClosure(names: readonly string[], index: ModuleIndex): Set<string> {
  const closure = new Set<string>();
  const left = [...names];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (closure.has(name)) continue;
    closure.add(name);
    left.push(...(index.find(name)?.depends ?? []));
  }
  return closure;
}
