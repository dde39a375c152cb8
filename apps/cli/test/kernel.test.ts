import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeBuildTree, sandbox } from "./vm.js";

/** As much of a bzImage as says its release. */
function bzImage(release: string): Buffer {
  const image = Buffer.alloc(0x11000);
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(0x20f, 0x206);
  image.writeUInt16LE(0x100, 0x20e);
  image.writeUInt16LE(1, 0x236);
  image.write(`${release} (me@here) #1 SMP\0`, 0x300, "latin1");
  return image;
}

describe("vm kernel", () => {
  test("describes a build tree, for a person and as JSON", async () => {
    const { cwd, vm } = sandbox();
    makeBuildTree(join(cwd, "linux"));
    const { stdout, code } = await vm("kernel", "linux");
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "kernel   build tree",
        "release  6.1.0-test",
        "arch     x86_64",
        `image    ${cwd}/linux/arch/x86/boot/bzImage`,
        `config   ${cwd}/linux/.config`,
        `modules  ${cwd}/linux`,
        "",
      ].join("\n"),
    );
    const json = await vm("kernel", "./linux", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: "build-tree",
      release: "6.1.0-test",
      warnings: [],
    });
  });

  test("describes an image, and prints the script that does so", async () => {
    const { cwd, vm, sh } = sandbox();
    writeFileSync(join(cwd, "vmlinuz"), bzImage("6.12.5"));
    const plain = await vm("kernel", "vmlinuz");
    expect(plain.stdout).toContain("release  6.12.5\n");
    expect(plain.stdout).toContain("modules  none came with it\n");
    const script = await vm("kernel", "vmlinuz", "-n");
    expect((await sh(script.stdout)).stdout).toBe(plain.stdout);
  });

  test("unpacks a package once, and in a dry run not at all: the script does it", async () => {
    const { cwd, root, vm, sh } = sandbox();
    const modules = join(cwd, "root/usr/lib/modules/6.12.5-arch1-1");
    mkdirSync(join(modules, "kernel"), { recursive: true });
    writeFileSync(join(modules, "vmlinuz"), bzImage("6.12.5-arch1-1"));
    execFileSync("bsdtar", ["-caf", join(cwd, "linux.pkg.tar.gz"), "-C", join(cwd, "root"), "usr"]);
    const script = await vm("kernel", "linux.pkg.tar.gz", "--dry-run");
    expect(script).toMatchObject({ code: 0, stderr: "" });
    expect((await vm("modules", "linux.pkg.tar.gz", "-n")).stdout).toMatch(
      /exec .* modules linux.pkg.tar.gz$/m,
    );
    expect(existsSync(join(root, ".cache"))).toBe(false);
    const unpacked = await sh(`cd / && ${script.stdout}`);
    expect(unpacked).toMatchObject({ code: 0, stderr: "vm: unpacking linux.pkg.tar.gz\n" });
    expect(unpacked.stdout).toContain(
      `kernel   unpacked (from ${cwd}/linux.pkg.tar.gz)\nrelease  6.12.5-arch1-1\n`,
    );
    expect(await vm("kernel", "linux.pkg.tar.gz")).toEqual({ ...unpacked, stderr: "" });
    expect((await vm("modules", "linux.pkg.tar.gz")).stdout).toContain("modules  0\n");
    writeFileSync(join(modules, "config"), "# Linux/x86 6.12.5 Kernel Configuration\nCONFIG_X86_64=y\n");
    execFileSync("bsdtar", ["-caf", join(cwd, "with.pkg.tar.gz"), "-C", join(cwd, "root"), "usr"]);
    const check = await vm("kconfig", "check", "with.pkg.tar.gz", "--for", "vsock");
    expect(check.code).toBe(1);
    expect(check.stdout).toContain("release  6.12.5-arch1-1\narch     x86_64\nvsock    MISSING\n");
    expect(check.stdout).toContain("(vm kconfig merge vsock)");
  });

  test("says what it looked for when there is nothing of that name", async () => {
    const { vm } = sandbox();
    const ended = await vm("kernel", "6.12.99-none");
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("not an installed release");
  });
});

/** The kernel's make takes no path with a space, and a sandbox has one. */
function ownCache(): { readonly VM_CACHE_HOME: string } {
  const directory = mkdtempSync(join(tmpdir(), "vm-cli-cache-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return { VM_CACHE_HOME: directory };
}

describe("git:REVISION", () => {
  const makefile = [
    "C := $(if $(KCONFIG_CONFIG),$(KCONFIG_CONFIG),$(O)/.config)",
    "defconfig:\n\techo CONFIG_X86_64=y >$(C)",
    "olddefconfig:\n\ttrue",
    "all:\n\tfalse BROKEN",
  ].join("\n");

  function repository(directory: string): void {
    for (const [name, text] of [
      ["Makefile", makefile],
      ["Kbuild", ""],
      ["Kconfig", ""],
    ] as const)
      writeFileSync(join(directory, name), `${text}\n`);
    const git = (...argv: string[]): unknown =>
      execFileSync("git", ["-c", "user.name=me", "-c", "user.email=me@here", ...argv], { cwd: directory });
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "one");
  }

  test("that does not compile is skipped by a bisection, and is an error of its own elsewhere", async () => {
    const { cwd, vmWith } = sandbox();
    const cache = ownCache();
    repository(cwd);
    const bisect = await vmWith(cache, "run", "-k", "git:HEAD", "--bisect", "--exec", "true");
    expect(bisect).toMatchObject({ code: 125, stdout: "" });
    expect(bisect.stderr).toContain("vm: building git:HEAD (");
    expect(bisect.stderr).toContain("cannot be built");
    expect(await vmWith(cache, "kernel", "git:HEAD")).toMatchObject({ code: 1, stdout: "" });
  });

  test("cannot be built below a directory with a space in its name, and says so", async () => {
    const { cwd, vm } = sandbox();
    repository(cwd);
    expect(await vm("kernel", "git:HEAD")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Set VM_CACHE_HOME to another directory."),
    });
  });

  test("is configured for vm kconfig check, and not compiled", async () => {
    const { cwd, vmWith, sh } = sandbox();
    const cache = ownCache();
    repository(cwd);
    const args = ["kconfig", "check", "git:HEAD", "--for", "network,gdb", "--fragments", "qemu"];
    const check = await vmWith(cache, ...args);
    expect(check.stderr).toContain("vm: configuring git:HEAD (");
    expect(check.code).toBe(1);
    expect(check.stdout).toContain("network  ready\ngdb      MISSING\n");
    const script = await vmWith(cache, ...args, "-n");
    expect((await sh(`export VM_CACHE_HOME='${cache.VM_CACHE_HOME}'; cd /; ${script.stdout}`)).stdout).toBe(
      check.stdout,
    );
    const unknown = await vmWith(cache, "kconfig", "check", "git:HEAD", "--base", "no.config");
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("no.config to start from") });
  });

  test("in a dry run is a script with make in it, and nothing is built", async () => {
    const { cwd, vm, vmWith } = sandbox();
    const cache = ownCache();
    repository(cwd);
    await vm("create", "X", "-s", "1M");
    const script = await vmWith(cache, "kernel", "git:HEAD", "-n", "-j", "3", "--fragments", "qemu");
    expect(script.stdout).toContain(" -j3 all");
    expect(script.stdout).toContain("CONFIG_NET_9P_VIRTIO=y");
    const run = await vmWith(cache, "run", "X", "-k", "git:HEAD", "-n");
    expect(run.stdout).toMatch(/exec .* run X( \\\n +| )-k git:HEAD$/m);
    expect(existsSync(join(cache.VM_CACHE_HOME, "git"))).toBe(false);
    expect(await vmWith(cache, "kernel", "git:none")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no commit that is called "none"'),
    });
  });
});
