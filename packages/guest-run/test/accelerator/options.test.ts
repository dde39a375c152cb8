import { spawnSync } from "node:child_process";
import { parseArgv, renderArgv } from "@vm/qemu-argv";
import { expect, test } from "vitest";
import { acceleratorOptions, findQemu, resolveAccelerator } from "@vm/guest-run";

const argvFor = (accelerator: "kvm" | "tcg", theirs: string, guestArch = "x86_64"): string =>
  renderArgv(
    acceleratorOptions({ accelerator, guestArch, options: parseArgv(theirs.split(" ").filter(Boolean)) }),
  ).join(" ");

test.each([
  ["5.12.0", "", "-accel tcg -cpu max,pauth-impdef=on"],
  [undefined, "", "-accel tcg -cpu max,pauth-impdef=on"],
  ["5.11.22", "", "-accel tcg -cpu cortex-a72"],
  ["5.4.0-rc1+", "-accel tcg", "-cpu cortex-a72"],
  ["4.19.300", "-accel kvm", "-cpu max"],
  ["4.19.300", "-cpu max", "-accel tcg"],
])("An arm64 kernel %s is not emulated on a CPU that it hangs on, beside '%s'", (release, theirs, ours) => {
  const options = parseArgv(theirs.split(" ").filter(Boolean));
  const question = { accelerator: "tcg", guestArch: "aarch64", kernelRelease: release, options } as const;
  expect(renderArgv(acceleratorOptions(question)).join(" ")).toBe(ours);
});

test("Emulation uses the fullest CPU model, KVM the host's", () => {
  expect(argvFor("tcg", "-m 2G")).toBe("-accel tcg -cpu max");
  expect(argvFor("kvm", "")).toBe("-accel kvm -cpu host");
  expect(argvFor("tcg", "", "riscv64")).toBe("-accel tcg");
});

test.each([
  ["-accel tcg,thread=single", "-cpu max"],
  ["--accel kvm", "-cpu max"],
  ["-machine q35,accel=kvm:tcg", "-cpu max"],
  ["-M accel=tcg", "-cpu max"],
  ["-enable-kvm", "-cpu max"],
  ["-cpu qemu64", "-accel kvm"],
  ["-enable-kvm -cpu host", ""],
  ["-machine q35", "-accel kvm -cpu host"],
])("What the person's '%s' chooses is left alone: we add '%s'", (theirs, ours) => {
  expect(argvFor("kvm", theirs)).toBe(ours);
});

test.each(["", "-icount shift=auto", "-machine pc", "-accel tcg,thread=single", "-machine q35,accel=tcg"])(
  "QEMU takes the options for emulation beside '%s' without a word",
  (theirs) => {
    const argv = [...argvFor("tcg", theirs).split(" "), ...theirs.split(" ").filter(Boolean)];
    const quiet = ["-nodefaults", "-display", "none", "-m", "32M", "-S", "-monitor", "stdio"];
    const run = spawnSync(findQemu({ arch: "x86_64" }), [...argv, ...quiet], {
      input: "quit\n",
      encoding: "utf8",
    });
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
  },
);

test("A request that the VM's own options overrule is said to be overruled", () => {
  const resolved = resolveAccelerator({
    requested: "kvm",
    guestArch: "x86_64",
    options: parseArgv(["-accel", "tcg"]),
    qemu: findQemu({ arch: "x86_64" }),
    cacheDir: "/nonexistent",
    trial: "read",
  });
  expect(resolved).toMatchObject({
    accelerator: "as-written",
    reason: expect.stringContaining("'kvm' is not used"),
  });
});
