import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox } from "./vm.js";

const libvirtWords = ["--libvirt"];

function validate(xml: string): void {
  execFileSync("xmllint", ["--noout", "--relaxng", "/usr/share/libvirt/schemas/domain.rng", "-"], {
    input: xml,
    stdio: ["pipe", "ignore", "pipe"],
  });
}

test("a machine is printed as a domain that libvirt's schema takes, the same each time", async () => {
  const { vm, home } = sandbox();
  const name = `a b,'"&<é>;`;
  await vm("create", name, "-s", "1M");
  const first = await vm("export", name, ...libvirtWords);
  expect(first).toMatchObject({ code: 0 });
  validate(first.stdout);
  expect(await vm("export", name, ...libvirtWords)).toMatchObject({ stdout: first.stdout });
  expect(first.stdout).toContain("<name>a b,&apos;&quot;&amp;&lt;é&gt;;</name>");
  expect(first.stdout).toContain(home.replaceAll("'", "&apos;"));
  expect(first.stdout).not.toContain("qemu:commandline");
});

test("the script of a dry run prints the same, and changes nothing", async () => {
  const { vm, cwd, sh, root } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  await vm("create", "X", "-s", "1M");
  const words = ["export", "X", ...libvirtWords, "-k", "linux", "-a", "loglevel=7"];
  const script = await vm(...words, "-n");
  expect(script).toMatchObject({ code: 0 });
  expect(existsSync(join(root, ".cache"))).toBe(false);
  const printed = await vm(...words);
  expect(printed.stdout).toContain("loglevel=7</cmdline>");
  expect(await sh(script.stdout)).toMatchObject({ code: 0, stdout: printed.stdout });
});

test("what XML has no word for is said on standard error, and stands in the domain", async () => {
  const { vm, home } = sandbox();
  await vm("create", "X", "-s", "1M");
  appendFileSync(
    join(home, "X/vm.mjs"),
    'qemuOptions.push(["-gdb", "unix:gdb,server=on,wait=off"], ["-S"]);\n',
  );
  const { code, stdout, stderr } = await vm("export", "X", ...libvirtWords);
  expect(code).toBe(0);
  // The sandbox has a comma in its name, which QEMU takes twice.
  expect(stdout).toContain(`unix:${join(home, "X/gdb").replaceAll(",", ",,")},server=on`);
  expect(stderr).toContain("-gdb unix:");
  expect(stderr).toContain("virsh start --paused");
  validate(stdout);
});

test("what is wrong is told", async () => {
  const { vm } = sandbox();
  await vm("create", "X", "-s", "1M");
  expect(await vm("export", "X")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("--libvirt"),
  });
  expect(await vm("export", "Nobody", ...libvirtWords)).toMatchObject({ code: 1, stdout: "" });
  expect(await vm("export", "a/b", ...libvirtWords)).toMatchObject({ stdout: "" });
});
