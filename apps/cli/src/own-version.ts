import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the package.json of this program is, below which `dist/` and `bin/` are. */
const ROOT = join(import.meta.dirname, "../..");

/** What `npm run release:packages` writes into a package.json. */
interface Manifest {
  readonly version: string;
  readonly bugs?: { readonly url: string };
  readonly packaging?: { readonly kind: string; readonly commit: string };
}

export function readManifest(): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return manifest;
}

/** `0.2.0 (commit 32e8494f5d1e, Debian package)`: the first word is the version. */
export function versionText(): string {
  const { version, packaging = ownPackaging() } = readManifest();
  const { kind, commit } = packaging;
  return `${version} (${commit === undefined ? "" : `commit ${commit}, `}${kind})`;
}

/** Of a program that no packaging of ours has marked: a clone, or what `npm publish` took from one. */
function ownPackaging(): { readonly kind: string; readonly commit?: string } {
  const clone = join(ROOT, "../..");
  if (!existsSync(join(clone, ".git"))) return { kind: "npm package" };
  const { status, stdout } = spawnSync("git", ["-C", clone, "rev-parse", "--short=12", "HEAD"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? { kind: "clone", commit: stdout.trim() } : { kind: "clone" };
}
