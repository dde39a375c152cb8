import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { configuration, makeBuildTree, sandbox, type Sandbox } from "./vm.js";

const WITHOUT_9P = `${configuration.replaceAll(/CONFIG_(?:NET_)?9P.*\n/g, "")}CONFIG_FUSE_FS=y\nCONFIG_VIRTIO_FS=y\n`;

let box: Sandbox;
let env: Record<string, string>;

beforeEach(async () => {
  box = sandbox();
  await box.vm("create", "T", "-s", "1M");
  const bin = join(box.root, "bin");
  mkdirSync(bin);
  for (const [name, script] of [
    ["virtiofsd", "echo virtiofsd 1.13.2"],
    ["qemu-system-x86_64", "exit 0"],
  ]) {
    writeFileSync(join(bin, name ?? ""), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name ?? ""), 0o755);
  }
  env = { PATH: `${bin}:${process.env["PATH"]}`, TMPDIR: box.cwd };
  makeBuildTree(join(box.cwd, "linux"));
  makeBuildTree(join(box.cwd, "cloud"), { config: WITHOUT_9P });
});

const WHY = "vm: files are shared over virtiofs: the kernel has no 9p (CONFIG_NET_9P is not set)\n";

describe("vm run --share", () => {
  test("auto follows what the kernel has, and says why when that is not 9p", async () => {
    const ninep = await box.vmWith(env, "run", "T", "-k", "linux", "-n");
    expect(ninep).toMatchObject({ code: 0, stderr: "" });
    expect(ninep.stdout).toContain("-virtfs ");
    expect(ninep.stdout).not.toContain("virtiofsd");
    const before = readdirSync(box.cwd);
    const cloud = await box.vmWith(env, "run", "T", "-k", "cloud", "-n");
    expect(cloud).toMatchObject({ code: 0, stderr: WHY });
    expect(cloud.stdout).not.toContain("-virtfs ");
    expect(cloud.stdout).toMatch(/mkdir -m 700 .*\/vm-[0-9a-f]{16}/);
    expect(cloud.stdout).toMatch(/share .* modules ro none flat rust .*virtiofsd.* .*cloud/);
    expect(cloud.stdout).toMatch(/-device vhost-user-fs-pci,chardev=modules,tag=modules/);
    expect(cloud.stdout).toMatch(/-object memory-backend-memfd,id=vm-memory,size=\d+M,share=on/);
    expect(readdirSync(box.cwd)).toEqual(before);
  });

  test("auto takes virtiofs where QEMU is RHEL's, which has no 9p", async () => {
    const bin = join(box.root, "bin");
    renameSync(join(bin, "qemu-system-x86_64"), join(bin, "qemu-kvm"));
    symlinkSync("qemu-kvm", join(bin, "qemu-system-x86_64"));
    const { stdout, stderr } = await box.vmWith(env, "run", "T", "-k", "linux", "-n");
    expect(stderr).toContain("files are shared over virtiofs: ");
    expect(stderr).toContain("is RHEL's, which has no 9p");
    expect(stdout).not.toContain("-virtfs ");
  });

  test("virtiofs is taken from a kernel that lacks it, with a warning that names the options", async () => {
    const { code, stderr } = await box.vmWith(env, "run", "T", "-k", "linux", "--share", "virtiofs", "-n");
    expect(code).toBe(0);
    expect(stderr).toContain(
      "warning: CONFIG_FUSE_FS is not set: the kernel needs it for the shares of files",
    );
    expect(stderr).toContain("warning: CONFIG_VIRTIO_FS is not set");
    expect(stderr).not.toContain("9P");
  });

  test("9p is taken from one that lacks that", async () => {
    const { stdout, stderr } = await box.vmWith(
      env,
      "run",
      "-k",
      "cloud",
      "--share",
      "9p",
      "--exec",
      "true",
      "-n",
    );
    expect(stderr).toContain("CONFIG_9P_FS is not set");
    expect(stdout).toContain("-virtfs");
  });

  test("says what is not known", async () => {
    const { code, stderr } = await box.vmWith(env, "run", "T", "-k", "linux", "--share", "nfs");
    expect(code).toBe(2);
    expect(stderr).toContain("--share: expected 9p, virtiofs, auto or DIRECTORY:GUESTPATH, got 'nfs'");
  });

  test("memory of the person's own has to be shared", async () => {
    const own = ["-object", "memory-backend-ram,id=m0,size=2G", "-numa", "node,memdev=m0"];
    const { code, stderr } = await box.vmWith(env, "run", "T", "-k", "cloud", "-n", "--", ...own);
    expect(code).toBe(1);
    expect(stderr).toContain("-object m0: this memory is the guest's alone, and virtiofsd has to see it.");
    expect(stderr).toContain("Add share=on to it.");
  });
});
