import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkKernel, executeMerge, parseConfig, planMerge, type MergeReport } from "@vm/kconfig";
import { allFeatures, findConfig, requirementsOf } from "@vm/kernel-build";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kconfigSource } from "../fixtures/kconfig-source.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { runProgram } from "../guest/vm-home.js";

const CONFIGS = fileURLToPath(new URL("../../configs", import.meta.url));
const BIN = fileURLToPath(new URL("../../apps/cli/bin/vm.cjs", import.meta.url));
const FRAGMENTS = [
  "qemu",
  "debug",
  "kasan",
  "lockdep",
  "filesystems",
  "blktests",
  "xfstests",
  "small",
  "vsock",
];
const ARCHITECTURES = ["x86_64", "arm64"] as const;
type Arch = (typeof ARCHITECTURES)[number];

let kernel: KernelFixture;
let directory: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  directory = mkdtempSync(join(tmpdir(), "vm-kconfig-"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The architecture's defconfig in an O= directory of its own, made once. */
const defconfigs = new Map<string, Promise<string>>();

function defconfig(arch: Arch, source = kernel.source): Promise<string> {
  const key = `${arch} ${source}`;
  const made = defconfigs.get(key) ?? makeDefconfig(arch, source);
  defconfigs.set(key, made);
  return made;
}

async function makeDefconfig(arch: Arch, source: string): Promise<string> {
  const build = mkdtempSync(join(directory, `${arch}-`));
  const argv = ["make", "-s", "-C", source, `O=${build}`, `ARCH=${arch}`, "defconfig"] as const;
  const { status, stderr } = await runProgram([...argv]);
  if (status !== 0) throw new Error(`make defconfig failed (${status}): ${stderr}`);
  return build;
}

/** Merges onto defconfig; the architecture comes from that `.config`. */
async function merge(
  arch: Arch,
  fragments: readonly string[],
  { base, source }: { readonly base?: string; readonly source?: string } = {},
): Promise<MergeReport> {
  const build = await defconfig(arch, source);
  const plan = planMerge({
    fragments,
    cwd: directory,
    configs: CONFIGS,
    tree: build,
    output: join(directory, `${basename(build)}-${fragments.join("-").replaceAll("/", "_")}`),
    env: {},
    ...(base === undefined ? {} : { base, arch }),
  });
  expect(plan.arch.fragments).toBe(arch);
  return executeMerge(plan, { stdio: ["ignore", "ignore", "ignore"] });
}

function lostOf({ exitCode, lost }: MergeReport): string[] {
  if (exitCode !== 0) throw new Error(`the merge failed (${exitCode})`);
  return lost.map(({ option, value, found, why }) => `${option}=${value} is ${found}: ${why?.reason}`);
}

/** Some twelve merges each, of six tests at once on all processors: eight minutes were seen on a busy machine. */
const MANY_MERGES = { timeout: 3_600_000 };

// The two architectures at once, and in each directory one make after the other.
test.concurrent.each(ARCHITECTURES)(
  "every option of every fragment sticks on defconfig for %s, small undoes nothing of qemu, and vm finds nothing missing",
  MANY_MERGES,
  async (arch) => {
    const lost: Record<string, string[]> = {};
    for (const fragment of FRAGMENTS) lost[fragment] = lostOf(await merge(arch, [fragment]));
    lost["small qemu"] = lostOf(await merge(arch, ["small", "qemu"]));
    lost["qemu small"] = lostOf(await merge(arch, ["qemu", "small"]));
    expect(Object.entries(lost).filter(([, options]) => options.length > 0)).toEqual([]);

    const { output, ...tiny } = await merge(arch, ["qemu", "vsock"], { base: "tinyconfig" });
    expect(tiny).toMatchObject({ exitCode: 0, lost: [] });
    const check = checkKernel({
      config: findConfig(output, { cwd: directory }),
      fragments: ["qemu"],
      cwd: directory,
      configs: CONFIGS,
    });
    // `gdb` and `trace` are fragments of their own.
    const features = check.features.filter(({ feature }) => feature !== "gdb" && feature !== "trace");
    expect(features.flatMap(({ missing }) => missing)).toEqual([]);
    expect(check).toMatchObject({ passed: true, lost: [], arch: arch === "arm64" ? "aarch64" : arch });
  },
);

/** Each fragment by itself is merged above; these are all of them at once, which differ in nothing that they set. */
const TOGETHER = [...FRAGMENTS.filter((name) => name !== "small"), "gdb", "trace"];

test.concurrent.each(
  ARCHITECTURES.flatMap((arch) => [
    { arch, suite: "bookworm" as const, version: "6.1" },
    { arch, suite: "trixie" as const, version: "6.12" },
  ]),
)(
  "every option of every fragment sticks on defconfig of Linux $version for $arch",
  MANY_MERGES,
  async ({ arch, ...older }) => {
    const source = await kconfigSource(older);
    const all = await merge(arch, TOGETHER, { source });
    expect(lostOf(all)).toEqual([]);
    expect(lostOf(await merge(arch, ["small", "qemu"], { source }))).toEqual([]);
    // Gone in 7.2, where nobody is told; here it is there.
    expect(parseConfig(readFileSync(all.output, "utf8")).get("CONFIG_NFS_V4_1")).toBe("y");
  },
);

test("what does not stick is named with what kept it, by the kernel's own Kconfig files", async () => {
  const fragment = join(directory, "impossible.fragment");
  const reasons = {
    "CONFIG_9P_FS=y": "it depends on CONFIG_NET_9P (is m)",
    "CONFIG_KASAN_HW_TAGS=y": "CONFIG_HAVE_ARCH_KASAN_HW_TAGS (is n)",
    "CONFIG_SLUB_TINY=y": "it depends on CONFIG_EXPERT (is n)",
    "CONFIG_KUNIT_DEBUGFS=y": "it depends on CONFIG_KUNIT (is n)",
    "CONFIG_NET_CORE=m": "it is either y or n, never a module",
    "CONFIG_CRC16=n": "CONFIG_EXT4_FS",
    "CONFIG_NO_SUCH_OPTION=y": "this kernel has no such option for this architecture",
    "CONFIG_SERIAL_AMBA_PL011=y": "it depends on CONFIG_ARM_AMBA (is n)",
  };
  writeFileSync(fragment, `CONFIG_NET_9P=m\n${Object.keys(reasons).join("\n")}\n`);
  const { lost } = await merge("x86_64", [fragment]);
  const found = lost.map(({ option, value, why }) => [`${option}=${value}`, why?.reason]);
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(
      Object.entries(reasons).map(([line, reason]) => [line, expect.stringContaining(reason)]),
    ),
  );
});

const needed = [
  ...new Set(allFeatures.flatMap((feature) => requirementsOf(feature, "x86_64")).map(({ option }) => option)),
];

const fragmentOf: Readonly<Record<string, string>> = {
  CONFIG_DEBUG_INFO: "gdb",
  CONFIG_EVENT_TRACING: "trace",
};

describe("of a kernel with all that is needed", () => {
  let text: string;

  beforeAll(async () => {
    const { output } = await merge("x86_64", ["qemu", "vsock", "gdb", "trace"]);
    text = readFileSync(output, "utf8");
  });

  test.each(needed)("%s is named, and nothing else, when exactly that is off", (option) => {
    expect(parseConfig(text).get(option)).toBe("y");
    const oneOff = join(directory, "one-off");
    writeFileSync(oneOff, text.replace(`${option}=y\n`, `# ${option} is not set\n`));
    const check = checkKernel({
      config: findConfig(oneOff, { cwd: directory }),
      fragments: [],
      cwd: directory,
      configs: CONFIGS,
    });
    const missing = check.features.flatMap((feature) => feature.missing);
    expect([...new Set(missing.map((lack) => lack.option))]).toEqual([option]);
    expect(missing[0]).toMatchObject({
      state: "off",
      reason: expect.stringContaining(`${option} is not set`),
      fragment: fragmentOf[option] ?? (option.includes("VSOCK") ? "vsock" : "qemu"),
    });
  });
});

test("the image itself tells its configuration and release", () => {
  for (const image of ["arch/x86/boot/bzImage", "vmlinux"]) {
    const check = checkKernel({
      config: findConfig(image, { cwd: kernel.build }),
      fragments: ["qemu"],
      cwd: kernel.build,
      configs: CONFIGS,
    });
    expect(check).toMatchObject({
      from: expect.stringMatching(/^in /),
      release: kernel.release,
      passed: true,
      lost: [],
    });
  }
});

test("the script of vm kconfig merge does what the command does, with the same exit code", async () => {
  const build = await defconfig("x86_64");
  const before = readFileSync(join(build, ".config"), "utf8");
  const fragment = join(directory, "two.fragment");
  writeFileSync(fragment, "CONFIG_SLUB_TINY=y\nCONFIG_OVERLAY_FS=y\n");
  const argv = [process.execPath, BIN, "kconfig", "merge", "two.fragment", "-C", build] as const;
  const script = await runProgram([...argv, "-o", "dry", "--dry-run"], { cwd: directory });
  expect(script).toMatchObject({ status: 0, stderr: "" });
  expect(existsSync(join(directory, "dry"))).toBe(false);
  writeFileSync(join(directory, "dry.sh"), script.stdout);
  const dry = await runProgram(["sh", join(directory, "dry.sh")], { cwd: "/" });
  const real = await runProgram([...argv, "-o", "real"], { cwd: directory });
  expect(readFileSync(join(directory, "dry"), "utf8")).toBe(readFileSync(join(directory, "real"), "utf8"));
  expect(parseConfig(readFileSync(join(directory, "real"), "utf8")).get("CONFIG_OVERLAY_FS")).toBe("y");
  expect(readFileSync(join(build, ".config"), "utf8")).toBe(before);
  for (const { status, stdout } of [dry, real]) {
    expect(status).toBe(1);
    expect(stdout).toContain("CONFIG_SLUB_TINY=y is n: it depends on CONFIG_EXPERT (is n)");
  }
});
