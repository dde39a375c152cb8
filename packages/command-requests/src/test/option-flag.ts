const shortFlags: Readonly<Record<string, string>> = {
  kernel: "-k",
  jobs: "-j",
  append: "-a",
  cpus: "-c",
  memory: "-m",
};

/** What a person types for an option of `vm test`, by its name in the program. */
export function flagOf(key: string): string {
  return shortFlags[key] ?? `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
