import { kindOf } from "./kernel-location.js";

/**
 * Asks the tree's own `make -s image_name`; null when there is no answer. A foreign tree needs its ARCH, and standard
 * input is empty, as an outdated .config asks questions (kernels before 993bdde94547).
 */
export function askImageName(tree: string, arch: string): string | null {
  if (kindOf(`${tree}/Makefile`) !== "file") return null;
  // Not imported: node:child_process costs milliseconds to load, and `make` is hardly ever asked.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const make = spawnSync("make", ["-s", `ARCH=${arch}`, "image_name"], {
    cwd: tree,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 10_000,
  });
  if (make.status !== 0) return null;
  const name = make.stdout.trim().split("\n").at(-1) ?? "";
  return name === "" ? null : name;
}
