import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archRepository } from "../fixtures/arch-repository.mjs";
import { HOST_NAME, ROOT_PASSWORD } from "../fixtures/debian-root.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { liveIso } from "../fixtures/live-iso.mjs";
import { type ArchMirror, startArchMirror } from "../guest/arch-mirror.js";
import { noProcessNames } from "../guest/processes.js";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

/** The other way, with GRUB, is that of arch-install-guest.test.ts. */
const HOST_KERNELS = ["--bootloader", "none"];

let directory: string;
let home: VmHome;
let kernel: KernelFixture;
let mirror: ArchMirror;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "vm install, "));
  home = createVmHome();
  kernel = await kernelFixture();
  mirror = await startArchMirror({ repository: (await archRepository()).directory, iso: await liveIso() });
  // A cache of its own: the image is downloaded.
  env = { ...home.env, VM_CACHE_HOME: join(directory, "cache") };
  writeFileSync(join(directory, "password"), `${ROOT_PASSWORD}\n`);
  return () => mirror.close();
});

afterAll(() => {
  home.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** `vm install` with what the tests of arch-install leave out too. */
function install(name: string, ...options: readonly string[]): [string, ...string[]] {
  const small = [
    "--hostname",
    HOST_NAME,
    "--locales",
    "C.UTF-8",
    "--no-xfstests",
    "--no-development",
    "-s",
    "3G",
  ];
  const limits = ["--timeout", "20m", "--silence-timeout", "10m", "--log", join(directory, `${name}.log`)];
  return home.vm(
    "install",
    name,
    ...small,
    ...limits,
    "--root-password-file",
    join(directory, "password"),
    ...options,
  );
}

test("vm install gets an image, installs in its live system, and the VM boots a kernel of the host with a module", async () => {
  const { status, stdout, stderr } = await runProgram(
    install("It's, new", "--mirror", mirror.url, ...HOST_KERNELS),
    {
      env,
    },
  );
  if (status !== 0) throw new Error(`${status}\n${stderr}`);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/checking archlinux-2026\.11\.01-x86_64\.iso\n/);
  const titles = Array.from(stderr.matchAll(/^vm: \[(\d+)\/\d+\] (.*)$/gm), ([, number]) => Number(number));
  expect(titles).toEqual(titles.map((_, index) => index + 1));
  expect(stderr).toMatch(/vm: installed; start it: vm run 'It'\\''s, new' -k KERNEL\n$/);
  // The packages came from the same mirror, which is at another address for the guest.
  expect(mirror.requests).toContain("/core/os/x86_64/core.db");
  expect(readFileSync(join(directory, "It's, new.log"), "utf8")).toContain("==> arch-install done: ");

  const command =
    "uname -r; modprobe dummy && grep -o '^dummy ' /proc/modules; cat /etc/hostname; stat -c %a /etc";
  const run = await home.run("run", "It's, new", "-k", kernel.build, "--exec", command);
  expect(run).toMatchObject({ status: 0, stdout: `${kernel.release}\ndummy \n${HOST_NAME}\n755\n` });
});

test("what fails in the live system is told, a shell looks inside, and no VM is left", async () => {
  const words = install(
    "Failed",
    "--mirror",
    mirror.url,
    "--shell",
    "--mkfs-cmd",
    "mkfs.ext4 -T nonsense -q -E nonsense",
  );
  const terminal = openTerminal(`exec ${shellWords(words)}`, { env });
  try {
    await terminal.waitFor("this is a shell in the live system");
    await terminal.waitFor(/# $/);
    terminal.write("cat /sys/block/vda/vda1/partition; tty; echo $((6 * 7))\r");
    await terminal.waitFor(/1\r*\n\/dev\/pts\/\d+\r*\n42\r*\n/);
    terminal.write("exit\r");
    await terminal.waitFor(/the installation failed: \[\d+\/\d+\] Partition and format .*mkfs\.ext4/);
    expect(await terminal.ended).toBe(1);
  } finally {
    await terminal.close();
  }
  const { stdout } = await home.run("list");
  expect(stdout).not.toContain("Failed");
  await noProcessNames(home.directory);
});
