import { plainLine } from "@vm/command-plan";

/**
 * A short name for each path: as many of its last parts as it takes to tell it from the others. The same path a second
 * time gets ` (2)` behind its name.
 *
 * @param paths absolute, or as short as a single name
 */
export function shortNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split("/").filter((part) => part !== ""));
  const names = parts.map((own, index) => {
    const others = parts.filter((_, other) => paths[other] !== paths[index]);
    for (let length = 1; length <= own.length; length++) {
      const name = ending(own, length);
      if (!others.some((other) => ending(other, length) === name)) return name;
    }
    return paths[index] ?? "";
  });
  return numbered(names.map((name) => plainLine(name) || "/"));
}

/** Makes names unique: the second of a kind gets ` (2)` behind it. */
export function numbered(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let count = 2; taken.has(unique); count++) unique = `${name} (${count})`;
    taken.add(unique);
    return unique;
  });
}

function ending(parts: readonly string[], length: number): string {
  return parts.slice(-length).join("/");
}
