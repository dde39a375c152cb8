import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage } from "@vm/modules-mounter";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { noProcessNames } from "../guest/processes.js";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

/* Reaching into VMs that boot a system of their own, with no network: by the unit of the package, and by credentials. */

let home: VmHome;
let kernel: KernelFixture;
const runtime = mkdtempSync(join(tmpdir(), "vm-run-"));

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
});

afterAll(async () => {
  await vm("stop", "--all", "--force");
  await noProcessNames(home.directory);
  home.remove();
  rmSync(runtime, { recursive: true, force: true });
});

function env(): Record<string, string> {
  return { ...home.env, XDG_RUNTIME_DIR: runtime, VM_ACCEL: "tcg" };
}

function vm(...words: readonly string[]): Promise<Outcome> {
  return runProgram(home.vm(...words), { env: env(), cwd: home.directory });
}

/** @returns its standard output */
async function done(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await vm(...words);
  expect([words, status, stderr]).toEqual([words, 0, expect.any(String)]);
  return stdout;
}

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

test("Debian 12 with the package is up when it takes commands; copies are whole, and the power button ends it", async () => {
  const files = join(home.directory, "files");
  const { path } = await buildPackage({ outputDirectory: join(home.directory, "package"), format: "deb" });
  execFileSync("dpkg-deb", ["-x", path, files]);
  await done("create", "Bookworm", "-m", "1G", "-s", "2G");
  await home.putGuest("Bookworm", { files });
  expect(JSON.parse(await done("start", "Bookworm", "-k", kernel.build, "--json"))).toEqual({
    name: "Bookworm",
    up: "exec",
  });
  const words = ["sh", "-c", 'printf "%s|" "$@"; uname -r; exit 7', "sh", "a  b", "'", "$HOME"];
  expect(await vm("exec", "Bookworm", ...words)).toMatchObject({
    status: 7,
    stdout: `a  b|'|$HOME|${kernel.release}\n`,
    stderr: "",
  });
  const sent = join(home.directory, "sent");
  const back = join(home.directory, "back");
  writeFileSync(sent, randomBytes(8 * 1024 * 1024));
  await done("cp", sent, "Bookworm:/root/");
  await done("cp", "Bookworm:/root/sent", back);
  expect(digest(back)).toBe(digest(sent));
  // Many at once, each with its own status.
  const many = await Promise.all(
    [0, 1, 2, 3].map(async (number) => (await vm("exec", "Bookworm", "sh", "-c", `exit ${number}`)).status),
  );
  expect(many).toEqual([0, 1, 2, 3]);
  // Its modules are mounted from the host, which no snapshot of its memory could hold.
  const refused = await vm("snapshot", "create", "Bookworm", "all");
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(refused.stderr).toMatch(/cannot be kept with its memory: .*--disks-only/s);
  await done("snapshot", "create", "Bookworm", "disks", "--disks-only");
  expect(JSON.parse(await done("snapshot", "list", "Bookworm", "--json"))).toMatchObject([
    { tag: "disks", hasMemory: false, missingOn: [] },
  ]);
  expect(JSON.parse(await done("stop", "Bookworm", "--json", "--timeout", "240"))).toEqual([
    { name: "Bookworm", how: "powered-off" },
  ]);
});

test("a system with a newer systemd needs nothing installed: on a terminal it takes commands from another, and is stopped from there", async () => {
  await done("create", "Sid", "-m", "1G", "-s", "2G");
  await home.putGuest("Sid", { suite: "sid" });
  const terminal = openTerminal(shellWords(home.vm("run", "Sid", "-k", kernel.build)), { env: env() });
  onTestFinished(async () => void (await terminal.close()));
  await terminal.waitFor(/login: /);
  const { status, stdout, stderr } = await vm("exec", "Sid", "systemctl", "is-active", "vm-exec");
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "active\n", stderr: "" });
  expect(JSON.parse(await done("stop", "Sid", "--json", "--timeout", "240"))).toEqual([
    { name: "Sid", how: "powered-off" },
  ]);
  expect(await terminal.ended).toBe(0);
});
