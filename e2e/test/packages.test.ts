import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../guest/vm-home.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

const manifests = ["packages", "apps"]
  .flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => join(ROOT, parent, name, "package.json")),
  )
  .filter((file) => existsSync(file))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own files
  .map((file) => JSON.parse(readFileSync(file, "utf8")) as Manifest);

let directory: string;
let project: string;

async function succeed(argv: readonly [string, ...string[]], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await runProgram(argv, { cwd });
  expect(status, `${argv.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "vm-pack-"));
  const tarballs = join(directory, "tarballs");
  project = join(directory, "project");
  mkdirSync(tarballs);
  mkdirSync(project);
  const packed = manifests.map(({ name }) => ["--workspace", name]).flat();
  await succeed(["npm", "pack", "--silent", "--pack-destination", tarballs, ...packed], ROOT);
  // Our packages depend on each other by version: these versions are in no registry yet, only in the tarballs.
  const files = Object.fromEntries(
    manifests.map(({ name, version }) => {
      const file = `${name.slice(1).replace("/", "-")}-${version}.tgz`;
      return [name, `file:${join(tarballs, file)}`];
    }),
  );
  // All of them are named here, so each finds the others' versions in place: npm 9 takes no files as overrides.
  const manifest = { name: "outside", private: true, dependencies: files };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  await succeed(["npm", "install", "--prefer-offline", "--no-audit", "--no-fund"], project);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const importable = manifests.filter(({ exports }) => exports !== undefined && "." in exports);
test.each(importable.map(({ name }) => name))(
  "%s, packed and installed elsewhere, can be imported",
  async (name) => {
    const program = `import(${JSON.stringify(name)}).then((module) => console.log(Object.keys(module).length))`;
    expect(Number(await succeed([process.execPath, "-e", program], project))).toBeGreaterThan(0);
  },
);

const bins = manifests.flatMap(({ bin }) => Object.keys(bin ?? {}));
test.each(bins)("the bin %s, packed and installed elsewhere, helps", async (bin) => {
  expect(await succeed(["npx", "--no-install", bin, "--help"], project)).toMatch(/usage/i);
});

test("the installed vm does its work with no workspace around it", async () => {
  const home = join(directory, "home");
  const env = { VM_HOME: home, XDG_CONFIG_HOME: join(directory, "config") };
  const vm = join(project, "node_modules/.bin/vm");
  expect(await runProgram([vm, "create", "Packed"], { env, cwd: "/" })).toMatchObject({ status: 0 });
  const { status, stdout } = await runProgram([vm, "run", "Packed", "--dry-run"], { env, cwd: "/" });
  expect(status).toBe(0);
  expect(stdout).toContain("qemu-system-");
});
