import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage } from "@vm/modules-mounter";
import { afterAll, beforeAll, expect, test } from "vitest";
import { debianDisk } from "../fixtures/debian-disk.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { noProcessNames } from "../guest/processes.js";
import { createVmHome, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

/** What makes an image of Debian's a cloud image: it is configured at its first boot, and its root file system grows. */
const CLOUD_PACKAGES = ["cloud-init", "cloud-guest-utils", "fdisk", "sudo"];

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

function vm(...words: readonly string[]): Promise<Outcome> {
  const env = { ...home.env, XDG_RUNTIME_DIR: runtime };
  return runProgram(home.vm(...words), { env, cwd: home.directory });
}

/** @returns its standard output */
async function done(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await vm(...words);
  expect([words, status, stderr]).toEqual([words, 0, expect.any(String)]);
  return stdout;
}

test("cloud-init makes the user, the key and the host name that vm import was given, and the root file system is as large as its disk", async () => {
  const files = join(home.directory, "files");
  const { path } = await buildPackage({ outputDirectory: join(home.directory, "package"), format: "deb" });
  execFileSync("dpkg-deb", ["-x", path, files]);
  const settings = join(files, "etc/cloud/cloud.cfg.d");
  mkdirSync(settings, { recursive: true });
  // Debian's own images have the locales that it would choose from.
  writeFileSync(join(settings, "90-locale.cfg"), "locale: false\n");
  const image = await debianDisk({ files, packages: CLOUD_PACKAGES });
  const key = join(home.directory, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", 'it\'s me, "me" # {a: b}', "-f", key]);
  const publicKey = readFileSync(`${key}.pub`, "utf8").trim();
  const words = ["--user", "me", "--ssh-key", `${key}.pub`, "--hostname", "cloudy", "-s", "5G", "-m", "1G"];
  await done("import", image, "Cloud", ...words);
  // On a busy host an emulated timer may be too late for the kernel's test of it, which panics then.
  await done("start", "Cloud", "-k", kernel.build, "-a", "no_timer_check");
  const said = await done("exec", "Cloud", "cloud-init", "status", "--wait");
  expect(said).toContain("status: done");
  expect(await done("exec", "Cloud", "hostname")).toBe("cloudy\n");
  expect(await done("exec", "Cloud", "su", "-c", "cat ~/.ssh/authorized_keys; sudo -n id -u", "me")).toBe(
    `${publicKey}\n0\n`,
  );
  const sizes = await done("exec", "Cloud", "df", "--output=size", "-BM", "/");
  expect(Number(/(\d+)M\s*$/.exec(sizes)?.[1])).toBeGreaterThan(4500);
  await done("stop", "Cloud", "--timeout", "240");
  // Its second boot is of the same instance: nothing is done again, and the seed may go.
  await done("disk", "remove", "Cloud", "seed.img", "--yes");
});
