import { fileURLToPath } from "node:url";
import { allFeatures, findConfig, initramfsOptions, requirementsOf, type Feature } from "@vm/kernel-build";
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
  more: { fragments?: string[]; needed?: Feature[]; otherForm?: "enough" | "lost" } = {},
  fragment = "",
) {
  const values: Record<string, string> = {
    CONFIG_X86_64: "y",
    CONFIG_64BIT: "y",
    CONFIG_MODULES: "y",
    ...Object.fromEntries(
      [...initramfsOptions.map(({ option }) => option), ...needed].map((option) => [option, "y"]),
    ),
    ...change,
  };
  const text = Object.entries(values)
    .map(([option, value]) => (value === "n" ? `# ${option} is not set\n` : `${option}=${value}\n`))
    .join("");
  const cwd = writeFiles(temporaryDirectory(), {
    "tree/.config": `# Linux/x86 6.1.0 Kernel Configuration\n${text}`,
    "tree/include/config/kernel.release": "6.1.0\n",
    "other.fragment": fragment,
    "mine.fragment": "CONFIG_MINE=y\nCONFIG_64BIT=y\n",
  });
  return checkKernel({ config: findConfig("tree", { cwd }), fragments: [], cwd, configs, ...more });
}

function shown(options: readonly { readonly option: string; readonly found: string }[]): string[] {
  return options.map(({ option, found }) => `${option} is ${found}`);
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

  test("a driver that is a module is not enough in a kernel that cannot start from an initramfs", () => {
    const { features, passed } = check({ CONFIG_VIRTIO_BLK: "m", CONFIG_BLK_DEV_INITRD: "n" });
    expect(passed).toBe(false);
    expect(features.find(({ feature }) => feature === "disk")).toMatchObject({
      state: "missing",
      missing: [{ option: "CONFIG_BLK_DEV_INITRD" }, { option: "CONFIG_VIRTIO_BLK", state: "module" }],
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

  test("a module where a fragment builds in is there, and one that is built in too; what is missing comes first", () => {
    const fragment =
      "CONFIG_VIRTIO_NET=y\nCONFIG_TUN=m\n# CONFIG_64BIT is not set\nCONFIG_HZ=100\nCONFIG_ABSENT=m\n";
    const change = { CONFIG_VIRTIO_NET: "m", CONFIG_TUN: "y", CONFIG_HZ: "0x64" };
    const usual = check(change, { fragments: ["other.fragment"], needed: [] }, fragment);
    expect(shown(usual.lost)).toEqual(["CONFIG_ABSENT is n", "CONFIG_64BIT is y"]);
    expect(shown(usual.inOtherForm)).toEqual(["CONFIG_VIRTIO_NET is m", "CONFIG_TUN is y"]);
    const exact = check(change, { fragments: ["other.fragment"], needed: [], otherForm: "lost" }, fragment);
    expect(shown(exact.lost)).toEqual([
      "CONFIG_ABSENT is n",
      "CONFIG_VIRTIO_NET is m",
      "CONFIG_TUN is y",
      "CONFIG_64BIT is y",
    ]);
    expect(exact.inOtherForm).toEqual([]);
    const enough = "CONFIG_VIRTIO_NET=y\n";
    expect(check(change, { fragments: ["other.fragment"], needed: [] }, enough).passed).toBe(true);
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
    const { lost } = checkKernel({
      config: findConfig(".", { cwd: source }),
      fragments: ["f.fragment"],
      cwd: source,
      needed: [],
    });
    expect(lost[0]?.why?.blockers).toEqual(["CONFIG_NEVER"]);
  });

  test("refuses an architecture that QEMU does not have", () => {
    const cwd = writeFiles(temporaryDirectory(), { config: "CONFIG_UML=y\nCONFIG_X86_64=y\n" });
    expect(() => checkKernel({ config: findConfig("config", { cwd }), fragments: [], cwd })).toThrow(
      expect.objectContaining({ code: "KERNEL_ARCH_UNKNOWN" }),
    );
  });
});
