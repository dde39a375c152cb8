import { fileURLToPath } from "node:url";
import { allFeatures, requirementsOf, type Feature } from "@vm/kernel-build";
import { describe, expect, test } from "vitest";
import { checkKernel } from "../src/index.js";
import { makeSource, temporaryDirectory, writeFiles } from "./made-up-source.js";

const configs = fileURLToPath(new URL("../../../configs", import.meta.url));

const needed = [
  ...new Set(allFeatures.flatMap((feature) => requirementsOf(feature, "x86_64")).map(({ option }) => option)),
];

const fragmentOf: Readonly<Record<string, string>> = {
  CONFIG_DEBUG_INFO: "gdb",
  CONFIG_EVENT_TRACING: "trace",
};

/** All that any feature needs, with some of it changed. */
function check(
  change: Readonly<Record<string, string>>,
  more: { fragments?: string[]; needed?: Feature[] } = {},
) {
  const values: Record<string, string> = {
    CONFIG_X86_64: "y",
    CONFIG_64BIT: "y",
    CONFIG_MODULES: "y",
    ...Object.fromEntries(needed.map((option) => [option, "y"])),
    ...change,
  };
  const text = Object.entries(values)
    .map(([option, value]) => (value === "n" ? `# ${option} is not set\n` : `${option}=${value}\n`))
    .join("");
  const cwd = writeFiles(temporaryDirectory(), {
    "tree/.config": `# Linux/x86 6.1.0 Kernel Configuration\n${text}`,
    "tree/include/config/kernel.release": "6.1.0\n",
    "mine.fragment": "CONFIG_MINE=y\nCONFIG_64BIT=y\n",
  });
  return checkKernel({ kernel: "tree", fragments: [], cwd, configs, ...more });
}

describe("checkKernel", () => {
  test("passes a kernel with all that is needed", () => {
    const result = check({});
    expect(result).toMatchObject({ release: "6.1.0", arch: "x86_64", passed: true, lost: [], warnings: [] });
    expect(result.features.map(({ feature, state }) => [feature, state])).toEqual(
      allFeatures.map((feature) => [feature, "ready"]),
    );
  });

  test.each(needed)("names exactly %s when that is off, and the fragment that has it", (option) => {
    const { features } = check({ [option]: "n" });
    const missing = features.flatMap((feature) => feature.missing);
    expect(new Set(missing.map((lack) => lack.option))).toEqual(new Set([option]));
    for (const { state, reason, fragment } of missing) {
      expect(state).toBe("off");
      expect(reason).toContain(`${option} is not set: the kernel needs it for`);
      expect(fragment).toBe(fragmentOf[option] ?? (option.includes("VSOCK") ? "vsock" : "qemu"));
    }
  });

  test("a driver that is a module is enough with an initramfs", () => {
    const { features, passed } = check({ CONFIG_VIRTIO_BLK: "m" });
    expect(passed).toBe(true);
    expect(features.find(({ feature }) => feature === "disk")).toMatchObject({
      state: "with-initramfs",
      missing: [{ option: "CONFIG_VIRTIO_BLK", state: "module" }],
    });
  });

  test("virtiofs and vsock may be missing, unless they are asked for", () => {
    expect(check({ CONFIG_VIRTIO_FS: "n", CONFIG_VSOCKETS: "n" }).passed).toBe(true);
    const asked = check({ CONFIG_VIRTIO_FS: "n" }, { needed: ["virtiofs"] });
    expect(asked.passed).toBe(false);
    expect(asked.features.map(({ feature }) => feature)).toEqual(["virtiofs"]);
  });

  test("asks for the options of fragments too", () => {
    const { lost, passed } = check({}, { fragments: ["mine.fragment"], needed: [] });
    expect(passed).toBe(false);
    expect(lost).toMatchObject([{ option: "CONFIG_MINE", value: "y", found: "n", line: 1, why: null }]);
  });

  test("warns of what goes wrong with modules", () => {
    expect(check({ CONFIG_MODULE_SIG_FORCE: "y" }).warnings.map(({ code }) => code)).toEqual([
      "MODULE_SIGNATURES_FORCED",
    ]);
  });

  test("gives the reason from the source that the tree was made from", () => {
    const source = makeSource({
      ".config": "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_X86_64=y\n",
      "f.fragment": "CONFIG_BROKEN=y\n",
    });
    const { lost } = checkKernel({ kernel: ".", fragments: ["f.fragment"], cwd: source, needed: [] });
    expect(lost[0]?.why?.blockers).toEqual(["CONFIG_NEVER"]);
  });

  test("refuses an architecture that QEMU does not have", () => {
    const cwd = writeFiles(temporaryDirectory(), { config: "CONFIG_UML=y\nCONFIG_X86_64=y\n" });
    expect(() => checkKernel({ kernel: "config", fragments: [], cwd })).toThrow(
      expect.objectContaining({ code: "KERNEL_ARCH_UNKNOWN" }),
    );
  });
});
