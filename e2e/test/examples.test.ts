import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLES = join(ROOT, "examples");

let home: VmHome;
let kernel: KernelFixture;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  // As a person has them: on the PATH.
  const bin = join(home.directory, "bin");
  mkdirSync(bin);
  symlinkSync(join(ROOT, "apps/cli/bin/vm.cjs"), join(bin, "vm"));
  symlinkSync(join(ROOT, "packages/arch-installer/bin/arch-install.cjs"), join(bin, "arch-install"));
  env = { ...home.env, PATH: `${bin}:${process.env.PATH ?? ""}` };
});

afterAll(() => home.remove());

function run(example: string, ...args: readonly string[]): Promise<Outcome> {
  return runProgram([join(EXAMPLES, example), ...args], { cwd: home.directory, env });
}

test("README names every example", () => {
  const readme = readFileSync(join(EXAMPLES, "README.md"), "utf8");
  const named = new Set(Array.from(readme.matchAll(/\]\(([^)]+)\)/g), ([, name]) => name));
  const files = execFileSync("git", ["-C", EXAMPLES, "ls-files"], { encoding: "utf8" }).trim().split("\n");
  const entries = files.map((file) => file.split("/")[0]).filter((entry) => entry !== "README.md");
  expect(named).toEqual(new Set(entries));
});

test("scripts are what shellcheck accepts", async () => {
  const scripts = ["bisect-module.sh", "continuous-integration.sh", "arch-setup.sh"];
  const tests = ["tests/block-device.sh", "tests/quiet-boot.sh"];
  const { status, stdout } = await runProgram(["shellcheck", ...scripts, ...tests], { cwd: EXAMPLES });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

test("the script of CI checks a kernel, runs every file of tests/ on it and leaves reports", async () => {
  const { status, stdout, stderr } = await run("continuous-integration.sh", kernel.build);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining("2/2") });
  expect(stdout).toMatch(/^embedded +ready/m);
  const results = readFileSync(join(home.directory, "reports/results.xml"), "utf8");
  expect(results).toContain('tests="2" failures="0"');
  expect(results).toMatch(/testcase name="block-device.sh"/);
  expect(readFileSync(join(home.directory, "reports/results.html"), "utf8")).toContain("quiet-boot.sh");
});

test("the script of CI stops at a kernel that lacks an option", async () => {
  const config = join(home.directory, "poor.config");
  const text = readFileSync(join(kernel.build, ".config"), "utf8");
  writeFileSync(config, text.replace("CONFIG_OVERLAY_FS=y", "# CONFIG_OVERLAY_FS is not set"));
  const { status, stdout } = await run("continuous-integration.sh", config, "never");
  expect(status).toBe(1);
  expect(stdout).toContain("CONFIG_OVERLAY_FS is not set");
  expect(existsSync(join(home.directory, "never/results.xml"))).toBe(false);
});

test("vm.mjs is a configuration, with a second disk where there is one", async () => {
  await home.run("create", "TestVM", "-s", "1G");
  const directory = join(home.env.VM_HOME ?? "", "TestVM");
  copyFileSync(join(EXAMPLES, "vm.mjs"), join(directory, "vm.mjs"));
  const config = async (): Promise<string> =>
    (await runProgram(home.vm("config", "TestVM"), { env: { ...env, SSH_PORT: "2200" } })).stdout;
  expect(await config()).toContain("tcp:127.0.0.1:2200-:22");
  expect(await config()).not.toContain("scratch.qcow2");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", join(directory, "scratch.qcow2"), "1G"]);
  expect(await config()).toContain("scratch.qcow2");
  // QEMU takes all of it, and its firmware, which finds nothing to boot, gives up.
  const boot = ["-boot", "order=c,strict=on,reboot-timeout=1", "-no-reboot"];
  const qemu = await runProgram(home.vm("run", "TestVM", "--", ...boot), { env });
  expect(qemu).toMatchObject({ status: 0, stderr: expect.not.stringContaining("qemu-system-x86_64:") });
});

test("arch-setup.sh writes a script that bash can read", async () => {
  const script = join(home.directory, "setup.sh");
  expect(await run("arch-setup.sh", script)).toEqual({ status: 0, stdout: "", stderr: "" });
  const text = readFileSync(script, "utf8");
  expect(text).toContain("Installs Arch Linux on /dev/vda, for the host testvm");
  expect(text).toContain("mkfs.btrfs");
});

test("boot-kernel.mjs makes a QEMU command that boots the kernel", async () => {
  const image = join(kernel.build, "arch/x86/boot/bzImage");
  // Its parameter has a blank in quotes, its name a comma: both arrive.
  const typed = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "256M", "-nodefaults"].concat([
    "-display",
    "none",
    // A pipe that nobody reads for a moment loses some of a console.
    "-serial",
    "file:console.log",
    "-name",
    "a,,b",
    "-append",
    // Where the host is busy an emulated timer can come too late for the kernel's check of it.
    'root=/dev/none no_timer_check example="a b"',
  ]);
  const argv = await runProgram(["node", join(EXAMPLES, "boot-kernel.mjs"), image, "--", ...typed], { env });
  expect(argv).toMatchObject({ status: 0, stderr: "" });
  const [program = "", ...rest] = argv.stdout.trimEnd().split("\n");
  expect(await runProgram([program, ...rest], { cwd: home.directory })).toMatchObject({ status: 0 });
  const console = readFileSync(join(home.directory, "console.log"), "utf8");
  expect(console).toContain(`Linux version ${kernel.release}`);
  expect(console).toContain('root=/dev/none no_timer_check example="a b" console=ttyS0 panic=-1');
  expect(console).toContain("Kernel panic - not syncing: VFS: Unable to mount root fs");
});

test("boot-kernel.mjs refuses a flag that QEMU does not have", async () => {
  const argv = ["qemu-system-x86_64", "-enble-kvm"];
  const { status, stderr } = await runProgram(
    ["node", join(EXAMPLES, "boot-kernel.mjs"), "bzImage", "--", ...argv],
    {
      env,
    },
  );
  expect(status).toBe(1);
  expect(stderr).toContain("QEMU has no flag -enble-kvm");
});
