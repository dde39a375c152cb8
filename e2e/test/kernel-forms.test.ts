import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debianKernel } from "../fixtures/debian-kernel.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { installedRoot } from "../guest/installed-root.js";
import { createVmHome, lastingWords, type Outcome, runProgram, type VmHome } from "../guest/vm-home.js";

let kernel: KernelFixture;
let home: VmHome;
let work: string;
let root: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  work = mkdtempSync(join(tmpdir(), "vm forms-"));
  root = installedRoot(join(work, "root"), kernel);
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

/** Loads a module in the embedded guest and says which release it is and where the module's file was. */
const LOAD =
  "uname -r && modprobe -a dummy null_blk && modinfo -F filename dummy && modinfo -F filename null_blk";

async function boot(
  what: string,
  { command = LOAD, cwd = work, cache = join(work, "cache"), wrap = (argv: string[]) => argv } = {},
): Promise<Outcome> {
  const argv = wrap(home.vm("run", "-k", what, "--accel", "tcg", "--exec", command));
  const [program = "", ...rest] = argv;
  const env = { ...home.env, VM_CACHE_HOME: cache };
  const ended = await runProgram([program, ...rest], { cwd, env });
  return { ...ended, stderr: lastingWords(ended.stderr) };
}

/** What the guest says when the modules stand at these paths. */
function loaded(dummy: string): Partial<Outcome> {
  const directory = `/lib/modules/${kernel.release}`;
  const lines = [
    kernel.release,
    `${directory}/${dummy}`,
    `${directory}/kernel/drivers/block/null_blk/null_blk.ko`,
  ];
  return { status: 0, stdout: lines.map((line) => `${line}\n`).join("") };
}

describe("-k boots, and the modules load from,", () => {
  test("a build tree, and an image in it", async () => {
    expect(await boot(kernel.build)).toMatchObject(loaded("kernel/drivers/net/dummy.ko"));
    expect(await boot(join(kernel.build, "vmlinux"))).toMatchObject(loaded("kernel/drivers/net/dummy.ko"));
  });

  test("a root with boot/ and lib/modules/, by whatever part of it is named", async () => {
    const { release } = kernel;
    for (const what of ["./root", `root/lib/modules/${release}`, `root/boot/vmlinuz-${release}`])
      expect(await boot(what)).toMatchObject({ ...loaded("updates/dummy.ko"), stderr: "" });
  });

  test("packages of Debian and of Arch, which are unpacked once", async () => {
    const pacman = join(work, "linux-6.1-1-x86_64.pkg.tar.zst");
    execFileSync("bsdtar", ["-caf", pacman, "-C", root, "boot", "lib"]);
    mkdirSync(join(root, "DEBIAN"));
    const control =
      "Package: linux-image\nVersion: 1\nArchitecture: amd64\nMaintainer: x <x@y>\nDescription: x\n";
    writeFileSync(join(root, "DEBIAN/control"), control);
    const debian = join(work, "linux-image.deb");
    execFileSync("dpkg-deb", ["--root-owner-group", "-b", root, debian], { stdio: "ignore" });
    rmSync(join(root, "DEBIAN"), { recursive: true });
    for (const file of [pacman, debian]) {
      const first = await boot(file);
      expect(first).toMatchObject(loaded("updates/dummy.ko"));
      expect(first.stderr).toContain("unpacking");
    }
    expect(await boot(debian)).toMatchObject({ ...loaded("updates/dummy.ko"), stderr: "" });
  });

  test("a kernel of Debian 14 in its four packages, by one of them; alone it is refused before anything boots", async () => {
    const { parts, release } = await debianKernel({ flavour: "amd64", suite: "sid" });
    const binary = parts.find((file) => basename(file).startsWith("linux-binary-")) ?? "";
    // Two file systems that are modules there are mounted all the same.
    const mounted = "findmnt -no FSTYPE /sys/kernel/config && findmnt -no FSTYPE /proc/sys/fs/binfmt_misc";
    const ended = await boot(binary, {
      command: `uname -r && modprobe dummy && modinfo -F filename dummy && ${mounted}`,
    });
    expect(ended).toMatchObject({
      status: 0,
      stdout: `${release}\n/lib/modules/${release}/kernel/drivers/net/dummy.ko.xz\nconfigfs\nbinfmt_misc\n`,
    });
    // The first of them is empty.
    for (const part of parts.slice(1)) expect(ended.stderr).toContain(basename(part));
    const alone = join(work, "alone.deb");
    copyFileSync(binary, alone);
    const refused = await boot(alone, { wrap: (argv) => [...argv, "--bisect"] });
    expect(refused).toMatchObject({ status: 125, stdout: "" });
    expect(refused.stderr).toContain(`linux-modules-${release}_*.deb are not beside it`);
  });

  test("a guest that fills its memory is not busy for minutes with reading its programs again", async () => {
    const { root: newest } = await debianKernel({ flavour: "amd64", suite: "sid" });
    const command = "tail /dev/zero; sed -n 's/^workingset_refault_file //p' /proc/vmstat";
    const ended = await boot(newest, {
      command: `${command}; cat /sys/kernel/mm/lru_gen/min_ttl_ms`,
      wrap: (argv) => [...argv, "-m", "256M"],
    });
    expect(ended.stderr).toContain(
      "the guest's memory of 256M was used up: the kernel killed tail. Give it more",
    );
    const [pages, setting] = ended.stdout.split("\n");
    expect(setting).toBe("1000");
    // None were seen with it, and 270 without, in twice the time: a time itself says more of how busy the host is.
    expect(Number(pages)).toBeLessThan(100);
  });

  test("a release that is installed on the host", async () => {
    // Installed for this one run only: in a name space of mounts that nobody else sees.
    const mounts =
      'mount -t overlay overlay -o "lowerdir=$ROOT/lib:/usr/lib" /usr/lib && mount --bind "$ROOT/boot" /boot && exec "$@"';
    const wrap = (argv: string[]): string[] => [
      "env",
      `ROOT=${root}`,
      "unshare",
      "-m",
      "sh",
      "-c",
      mounts,
      "sh",
      ...argv,
    ];
    expect(await boot(kernel.release, { wrap })).toMatchObject(loaded("updates/dummy.ko"));
  });

  test("a git revision, built first; one that does not compile is skipped by a bisection", async () => {
    const repository = join(work, "linux");
    // The kernel's make takes no path with a space.
    const cache = join(home.directory, "cache");
    mkdirSync(repository);
    // Stands for the kernel's make, which would take minutes: it copies what was compiled for the other tests.
    const files =
      "arch/x86/boot/bzImage modules.order modules.builtin modules.builtin.modinfo include/config/kernel.release";
    const makefile = [
      "C := $(if $(KCONFIG_CONFIG),$(KCONFIG_CONFIG),$(O)/.config)",
      `defconfig:\n\tcp '${kernel.build}/.config' $(C)`,
      "olddefconfig:\n\t@true",
      `all:\n\tcd '${kernel.build}' && cp --parents ${files} $$(find . -name '*.ko') $(O)`,
    ];
    const git = (...argv: string[]): unknown =>
      execFileSync("git", ["-c", "user.name=me", "-c", "user.email=me@here", ...argv], { cwd: repository });
    for (const name of ["Kbuild", "Kconfig"]) writeFileSync(join(repository, name), "");
    writeFileSync(join(repository, "Makefile"), `${makefile.join("\n")}\n`);
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "good");
    git("tag", "v6.1");
    const built = await boot("git:v6.1", { cache, cwd: repository });
    expect(built).toMatchObject(loaded("kernel/drivers/net/dummy.ko"));
    expect(built.stderr).toContain("vm: building git:v6.1");
    expect(await boot("git:v6.1", { cache, cwd: repository })).toMatchObject({
      ...loaded("kernel/drivers/net/dummy.ko"),
      stderr: "",
    });
    writeFileSync(join(repository, "Makefile"), "defconfig:\n\tfalse\n");
    git("commit", "-q", "-a", "-m", "bad");
    expect(
      await boot("git:HEAD", { cache, cwd: repository, wrap: (argv) => [...argv, "--bisect"] }),
    ).toMatchObject({
      status: 125,
    });
  });
});

test("-k boots an image alone, with a word about its modules", async () => {
  const image = join(work, "bzImage");
  execFileSync("cp", [join(kernel.build, "arch/x86/boot/bzImage"), image]);
  const command = `uname -r && insmod '${kernel.build}/drivers/net/dummy.ko' && lsmod`;
  const ended = await boot(image, { command });
  expect(ended.stdout).toContain(`${kernel.release}\n`);
  expect(ended.stdout).toMatch(/^dummy /m);
  expect(ended.stderr).toContain(`no modules come with ${image}`);
});
