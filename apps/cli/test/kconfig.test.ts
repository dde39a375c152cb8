import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, type Sandbox } from "./vm.js";

/** A kernel source as far as a merge looks at it: `olddefconfig` takes all but CONFIG_BROKEN. */
function makeSource({ cwd }: Sandbox): string {
  const source = join(cwd, "linux");
  const files: Readonly<Record<string, string>> = {
    Kconfig: 'config BROKEN\n\tbool "Broken"\n\tdepends on NEVER\nconfig NEVER\n\tbool "Never"\n',
    "scripts/Kconfig.include": "",
    Makefile: "olddefconfig:\n\tsed -i /BROKEN/d '$(KCONFIG_CONFIG)'\n",
    ".config": "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_64BIT=y\nCONFIG_X86_64=y\n",
    "good.fragment": "CONFIG_GOOD=y\n",
    "bad.fragment": "CONFIG_BROKEN=y\n",
  };
  mkdirSync(join(source, "scripts"), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(source, name), content);
  return source;
}

test("vm kconfig merge merges fragments into .config, and says so", async () => {
  const box = sandbox();
  const source = makeSource(box);
  const merged = await box.vm("kconfig", "merge", "linux/good.fragment", "-C", "linux");
  expect(merged).toMatchObject({ code: 0 });
  expect(merged.stdout).toBe(`config   ${source}/.config\noptions  1 of 1 are as wanted\n`);
  expect(readFileSync(join(source, ".config"), "utf8")).toContain("CONFIG_X86_64=y\nCONFIG_GOOD=y\n");
});

test("what does not stick is named with the reason, and the exit code is 1; the script does the same", async () => {
  const box = sandbox();
  const source = makeSource(box);
  const args = ["kconfig", "merge", "linux/bad.fragment", "-C", "linux", "-o", "out"];
  const merged = await box.vm(...args);
  expect(merged.code).toBe(1);
  const lost = `lost     CONFIG_BROKEN=y is n: it depends on CONFIG_NEVER (is n) (${source}/bad.fragment:1)\n`;
  expect(merged.stdout).toContain(lost);
  const dry = await box.vm(...args, "--dry-run");
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  const script = await box.sh(dry.stdout);
  expect(script.code).toBe(1);
  expect(script.stdout).toContain(lost);
  const json = await box.vm(...args, "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    wanted: 1,
    lost: [{ option: "CONFIG_BROKEN", why: { blockers: ["CONFIG_NEVER"] } }],
  });
});

test("vm kconfig check says what a kernel lacks for which feature, and how to get it", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "build"));
  const check = await box.vm("kconfig", "check", "build");
  expect(check).toMatchObject({ code: 1, stderr: "" });
  expect(check.stdout).toContain("release  6.1.0-test\narch     x86_64\nconsole  ready\ndisk     ready\n");
  expect(check.stdout).toContain(
    "CONFIG_VIRTIO_NET is not set: the kernel needs it for the network card (vm kconfig merge qemu)\n",
  );
  const some = await box.vm("kconfig", "check", "build", "--for", "disk,embedded");
  expect(some).toMatchObject({ code: 0, stderr: "" });
  const dry = await box.vm("kconfig", "check", "build", "--for", "disk,embedded", "-n");
  expect(await box.sh(`cd /\n${dry.stdout}`)).toEqual(some);
  const json = await box.vm("kconfig", "check", "build", "--for", "vsock", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ passed: false, features: [{ feature: "vsock" }] });
});

test("wrong words are refused with what there is", async () => {
  const box = sandbox();
  makeSource(box);
  expect(await box.vm("kconfig", "check", "linux", "--for", "disk,nothing")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("there is no feature nothing; there are console, disk"),
  });
  expect(await box.vm("kconfig", "merge", "nothing", "-C", "linux")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is no fragment"),
  });
  expect(await box.vm("kconfig", "merge", "qemu")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is not a kernel source"),
  });
  expect(await box.vm("kconfig", "chekc")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Did you mean check?"),
  });
});
