import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram, type Outcome } from "../guest/vm-home.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A copy of what a release reads, in which nothing of this checkout can be changed. */
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "vm-release-"));
  for (const file of manifests(ROOT)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(ROOT, file), join(root, file));
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function manifests(directory: string): string[] {
  const globs = [
    "package.json",
    ":(glob)packages/*/package.json",
    ":(glob)apps/*/package.json",
    "e2e/package.json",
  ];
  return execFileSync("git", ["-C", directory, "ls-files", ...globs, "tools/api-reference/package.json"], {
    encoding: "utf8",
  })
    .trim()
    .split("\n");
}

function setRepository(repository: string): void {
  const file = join(root, "package.json");
  const manifest: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...manifest, config: { repository } }));
}

function release(...command: readonly string[]): Promise<Outcome> {
  return runProgram([process.execPath, join(ROOT, "tools/release.mjs"), "--root", root, "--", ...command]);
}

interface Manifest {
  readonly name: string;
  readonly homepage?: string;
  readonly bugs?: unknown;
  readonly repository?: { readonly directory: string };
}

test("each published package says where it comes from, and its package.json is then as it was", async () => {
  setRepository("https://example.org/me/vm");
  const before = manifests(ROOT).map((file) => readFileSync(join(root, file), "utf8"));
  const packed = join(root, "packed");
  mkdirSync(packed);
  // npm itself packs what would be published.
  const { status } = await release(
    "npm",
    "pack",
    "--ignore-scripts",
    "--pack-destination",
    packed,
    "--workspaces",
  );
  expect(status).toBe(0);
  expect(manifests(ROOT).map((file) => readFileSync(join(root, file), "utf8"))).toEqual(before);

  const tarballs = execFileSync("ls", [packed], { encoding: "utf8" }).trim().split("\n");
  const published = tarballs
    .map((file): Manifest & { readonly private?: boolean } =>
      JSON.parse(
        execFileSync("tar", ["-xzOf", join(packed, file), "package/package.json"], { encoding: "utf8" }),
      ),
    )
    .filter((manifest) => manifest.private !== true);
  expect(published.length).toBeGreaterThan(12);
  for (const { name, homepage, bugs, repository } of published) {
    const directory = name === "@vm/cli" ? "apps/cli" : name.replace("@vm/", "packages/");
    expect({ homepage, bugs, repository }).toEqual({
      homepage: "https://example.org/me/vm#readme",
      bugs: { url: "https://example.org/me/vm/issues" },
      repository: { type: "git", url: "git+https://example.org/me/vm.git", directory },
    });
  }
});

test("a command that fails leaves every package.json as it was, and its status is the answer", async () => {
  setRepository("https://example.org/me/vm");
  const file = join(root, "packages/qemu-argv/package.json");
  const before = readFileSync(file, "utf8");
  const { status, stdout } = await release(
    "sh",
    "-c",
    "grep -c example.org packages/qemu-argv/package.json; exit 3",
  );
  expect({ status, stdout }).toEqual({ status: 3, stdout: "3\n" });
  expect(readFileSync(file, "utf8")).toBe(before);
});

test.each([
  ["", "config.repository is empty"],
  ["github:me/vm", "expected an address such as https://"],
  ["https://example.org/me/vm.git", "expected an address such as https://"],
])("nothing is published with the repository %j", async (repository, message) => {
  setRepository(repository);
  const { status, stdout, stderr } = await release("echo", "published");
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain(message);
});
