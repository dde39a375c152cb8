import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { runCommand } from "@vm/guest-run";
import { moduleIndex, planInitramfs } from "@vm/initramfs";
import { checkKernel } from "@vm/kconfig";
import {
  allFeatures,
  checkBuild,
  checkEmbedded,
  chooseShare,
  embeddedCommand,
  findConfig,
  initramfsOptions,
  requirementsOf,
  resolveKernel,
  shareOptions,
  type DriverOption,
} from "@vm/kernel-build";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { configuration, makeBuildTree, sandbox } from "./vm.js";

/** All that the embedded guest, a command in it, or an initramfs may ask for on a PC. */
const asked: readonly DriverOption[] = [
  ...initramfsOptions,
  ...(["9p", "virtiofs"] as const).flatMap((share) =>
    embeddedCommand.flatMap((feature) => requirementsOf(feature, "x86_64", share)),
  ),
].filter(({ option }, at, all) => all.findIndex((other) => other.option === option) === at);

const always = ["CONFIG_64BIT", "CONFIG_X86_64", "CONFIG_MODULES", "CONFIG_VIRTIO_NET", "CONFIG_INET"];

type Value = "y" | "m" | "n";

/** Most of it is there: else each of the configurations would lack something. */
const values: fc.Arbitrary<Readonly<Record<string, Value>>> = fc.record(
  Object.fromEntries(
    asked.map(({ option, module }) => [
      option,
      fc.oneof(
        { weight: 30, arbitrary: fc.constant<Value>("y") },
        { weight: module === null ? 1 : 10, arbitrary: fc.constant<Value>("m") },
        { weight: 1, arbitrary: fc.constant<Value>("n") },
      ),
    ]),
  ),
);

const without9p = Object.fromEntries(shareOptions["9p"].map((option) => [option, "n"]));

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

test("no check is content with a kernel that is refused, and none blames one that is not", async () => {
  const { cwd } = sandbox();
  const seen = { refused: 0, started: 0, withInitramfs: 0 };
  await fc.assert(
    fc.asyncProperty(
      values,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom("5.10.0", "6.1.0"),
      async (given, nineP, built, release) => {
        const set = nineP ? given : { ...given, ...without9p };
        const text = [...always.map((option) => [option, "y"]), ...Object.entries(set)]
          .map(([option = "", value]) =>
            value === "n" ? `# ${option} is not set\n` : `${option}=${value}\n`,
          )
          .join("");
        const tree = makeBuildTree(join(cwd, "linux"), { config: text, release });
        const found = await resolveKernel(tree, { cwd });
        const build = { ...found, modules: built ? "built" : "not-built" } as const;
        const { way } = chooseShare({
          build,
          requested: "auto",
          root: "shared",
          hasVirtiofsd: () => false,
        });
        const plan = planInitramfs(
          { arch: "x86_64", config: text, ...(built ? { index: everyModule } : {}) },
          { root: way, drivers: ["overlay", "virtio-console"] },
        );
        const initrd = plan.needed && plan.missing.length === 0 ? "/initrd" : undefined;
        const refused = await isRefused({
          image: build.image,
          arch: build.arch,
          configFile: join(tree, ".config"),
          way,
          ...(initrd === undefined ? {} : { initrd }),
        });
        const warned = checkBuild(build, embeddedCommand, {
          share: way,
          ...(initrd === undefined ? {} : { initramfs: initrd }),
        });
        expect(warned.length > 0).toBe(refused);
        expect(checkEmbedded(build).length > 0).toBe(refused);
        const { features } = checkKernel({
          config: findConfig(tree, { cwd }),
          fragments: [],
          cwd,
          needed: embeddedCommand,
        });
        const states = features.map(({ state }) => state);
        // `with-initramfs` says that the modules have to be there. A part of 9p is asked to be whole, even where there is virtiofs.
        const settled = built || !states.includes("with-initramfs");
        const told = states.includes("missing");
        expect({ settled, refused, told }).not.toEqual({ settled: true, refused: true, told: false });
        expect({ settled, refused, told, way }).not.toEqual({
          settled: true,
          refused: false,
          told: true,
          way: "9p",
        });
        seen[refused ? "refused" : "started"] += 1;
        if (initrd !== undefined) seen.withInitramfs += 1;
      },
    ),
    { numRuns: 300 },
  );
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(10);
});

const everyModule = moduleIndex({
  dep: asked.flatMap(({ module }) => (module === null ? [] : [`kernel/${module}.ko:\n`])).join(""),
});

/** Asks what runs it: a root with nothing in it stops what is not refused for its configuration. */
async function isRefused({
  way,
  ...kernel
}: {
  readonly image: string;
  readonly arch: string;
  readonly configFile: string;
  readonly initrd?: string;
  readonly way: "9p" | "virtiofs";
}): Promise<boolean> {
  const run = runCommand({
    guest: {
      kind: "embedded",
      kernel,
      root: "/nonexistent",
      share:
        way === "9p" ? { kind: "9p" } : { kind: "virtiofs", daemon: { path: "/nonexistent", kind: "rust" } },
    },
    qemu: "/nonexistent",
    acceleratorOptions: [],
    command: "true",
    environment: {},
    cwd: "/",
    streams: { kind: "pipes", stdin: "none", stdout: nowhere, stderr: nowhere },
  });
  const end = await run.then(
    ({ outcome }) => JSON.stringify(outcome),
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
  );
  expect(end).toMatch(/it needs CONFIG_|^ROOT_UNUSABLE$/);
  return end !== "ROOT_UNUSABLE";
}

test("vm kernel warns of the option for which vm run and vm test refuse a kernel", async () => {
  const box = sandbox();
  const programs = join(box.root, "bin");
  mkdirSync(programs);
  const qemu = join(programs, "qemu-system-x86_64");
  writeFileSync(qemu, "#!/bin/sh\nexit 1\n");
  chmodSync(qemu, 0o755);
  const env = { PATH: `${programs}:${process.env["PATH"]}` };
  const needed = embeddedCommand.flatMap((feature) => requirementsOf(feature, "x86_64"));
  const options = [...new Set(needed.map(({ option }) => option))];
  expect(options.length).toBeGreaterThan(8);
  makeBuildTree(join(box.cwd, "whole"));
  expect((await box.vm("kernel", "whole")).stdout).not.toContain("warning");
  const kernels = options.flatMap((option) => {
    const name = option.toLowerCase();
    makeBuildTree(join(box.cwd, name), { config: configuration.replace(`${option}=y\n`, "") });
    return ["-k", name];
  });
  const { stdout } = await box.vmWith(env, "test", ...kernels, "--exec", "true", "--json", "--share", "9p");
  const report: { cells: { kernel: string; reason: string }[] } = JSON.parse(stdout);
  expect(report.cells).toHaveLength(options.length);
  for (const [at, option] of options.entries()) {
    expect(report.cells[at]?.reason).toContain(`it needs ${option}=y (`);
    const described = await box.vm("kernel", option.toLowerCase());
    expect(described.stdout).toContain(`warning  ${option} is not set: the kernel needs it for `);
  }
  const poor = await box.vmWith(env, "run", "-k", "config_overlay_fs", "--exec", "true");
  expect(poor.code).not.toBe(0);
  expect(poor.stderr).toContain("it needs CONFIG_OVERLAY_FS=y");
});

test("every option that any feature asks for is read from a configuration", async () => {
  const { cwd } = sandbox();
  const architectures = ["x86_64", "i386", "aarch64", "arm", "riscv64", "s390x", "ppc64", "ppc64le"];
  const options = architectures.flatMap((arch) =>
    allFeatures.flatMap((feature) =>
      (["9p", "virtiofs"] as const).flatMap((share) =>
        requirementsOf(feature, arch, share).map(({ option }) => option),
      ),
    ),
  );
  const config = [...new Set([...always, ...options])].map((option) => `${option}=y\n`).join("");
  const build = await resolveKernel(makeBuildTree(join(cwd, "linux"), { config }), { cwd });
  expect(options.filter((option) => build.options[option] !== "y")).toEqual([]);
});
