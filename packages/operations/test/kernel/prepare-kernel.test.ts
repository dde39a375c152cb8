import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  bzImage,
  makeTree,
  put,
  temporaryDirectory,
  writeFiles,
  x86Config,
} from "../../../kernel-build/test/made-up-tree.js";
import { makeDeb } from "../../../kernel-build/test/made-up-packages.js";
import { processHost, type Host, type Notice } from "../../src/index.js";
import { prepareKernel, type KernelUse } from "../../src/kernel/prepare-kernel.js";

interface Place {
  readonly cwd: string;
  readonly cache: string;
  readonly notices: Notice[];
  readonly host: Host;
}

/** A directory to stand in, with a cache of its own. `onNotice`: when the first notice comes. */
function place(onNotice: (stop: AbortController) => void = () => {}): Place {
  const cwd = temporaryDirectory();
  const cache = join(cwd, "cache");
  const notices: Notice[] = [];
  const stop = new AbortController();
  const host = processHost({
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, VM_CACHE_HOME: cache },
    signal: stop.signal,
    fragments: join(import.meta.dirname, "../../../../configs"),
    notice(notice) {
      notices.push(notice);
      onNotice(stop);
    },
  });
  return { cwd, cache, notices, host };
}

const use: KernelUse = { features: ["modules"] };

const giveUp = (stop: AbortController): void => stop.abort(new Error("enough"));

describe("a build tree", () => {
  test("boots its own image, with the guest's parameters before the person's, and an index that is made", async () => {
    const { cwd, host } = place();
    const tree = makeTree(join(cwd, "linux"));
    const { build, kernel, steps } = await prepareKernel(
      { name: "./linux", parameters: ["mine=1"] },
      { ...use, cmdline: ["ours=1"] },
      "run",
      host,
    );
    expect(build).toMatchObject({ kind: "build-tree", release: "6.1.0" });
    expect(kernel).toMatchObject({
      image: join(tree, "arch/x86/boot/bzImage"),
      arch: "x86_64",
      tree,
      cmdline: ["ours=1", "mine=1"],
      share: { kind: "9p" },
    });
    expect(existsSync(join(kernel.modulesIndex ?? "", "modules.dep"))).toBe(true);
    expect(kernel).not.toHaveProperty("initrd");
    expect(steps).toEqual([]);
  });

  test("has its index made by the script itself, and nothing is made for the script", async () => {
    const { cwd, cache, host } = place();
    const tree = makeTree(join(cwd, "linux"));
    const { kernel, steps } = await prepareKernel({ name: "./linux" }, use, "script", host);
    expect(steps.at(-1)).toEqual({
      kind: "run",
      argv: ["env", `VM_CACHE_HOME=${cache}`, "vm", "modules", "--quiet", tree],
    });
    expect(kernel.modulesIndex).toContain(cache);
    expect(existsSync(cache)).toBe(false);
  });

  test("whose drivers are modules that were not built cannot have an initramfs, and says what is missing", async () => {
    const { cwd, host } = place();
    makeTree(join(cwd, "linux"), {
      config: x86Config.replaceAll("VIRTIO_PCI=y", "VIRTIO_PCI=m"),
      modulesOrder: null,
    });
    await expect(prepareKernel({ name: "./linux" }, use, "run", host)).rejects.toMatchObject({
      code: "MODULES_INDEX_MISSING",
    });
  });
});

test("an initramfs of the person's is taken as it is, and one that is no file is refused before anything is made", async () => {
  const { cwd, cache, host } = place();
  makeTree(join(cwd, "linux"));
  put(cwd, "initrd.img", "x");
  execFileSync("mkfifo", [join(cwd, "fifo")]);
  mkdirSync(join(cwd, "directory"));
  symlinkSync("nowhere", join(cwd, "link"));
  for (const initrd of ["absent", "fifo", "directory", "link"]) {
    const made = prepareKernel({ name: "./linux", initrd }, use, "run", host);
    await expect(made).rejects.toThrow(join(cwd, initrd));
  }
  expect(existsSync(cache)).toBe(false);
  const { kernel } = await prepareKernel({ name: "./linux", initrd: "initrd.img" }, use, "run", host);
  expect(kernel.initrd).toBe(join(cwd, "initrd.img"));
});

describe("a package", () => {
  test("is unpacked for a run, once, and never for a script", async () => {
    const { cwd, cache, notices, host } = place();
    const name = makePackage(cwd);
    await expect(prepareKernel({ name }, use, "script", host)).rejects.toMatchObject({
      code: "KERNEL_NOT_PREPARED",
    });
    expect(existsSync(join(cache, "kernels"))).toBe(false);
    const { kernel } = await prepareKernel({ name }, use, "run", host);
    expect(kernel.image).toMatch(new RegExp(`^${cache}/kernels/.*/vmlinuz-6.1.0$`));
    await prepareKernel({ name }, use, "run", host);
    expect(notices.filter((each) => JSON.stringify(each).includes("unpacking"))).toHaveLength(1);
  });

  test("is not unpacked on when the host's signal says so, and nothing of it is left", async () => {
    const { cwd, cache, host } = place(giveUp);
    const name = makePackage(cwd);
    await expect(prepareKernel({ name }, use, "run", host)).rejects.toThrow("enough");
    expect(readdirSync(join(cache, "kernels")).filter((entry) => !entry.startsWith(".old-"))).toEqual([]);
  });
});

test("a revision is built, and the host's signal ends the build", async () => {
  const { cwd, cache, notices, host } = place(giveUp);
  writeFiles(cwd, { Kbuild: "", Kconfig: "", Makefile: "%:\n\ttouch $(O)/made\n" });
  const git = (...argv: readonly string[]): void => {
    const identity = ["-c", "user.name=me", "-c", "user.email=me@here"];
    execFileSync("git", ["-C", cwd, ...identity, ...argv], { stdio: "ignore" });
  };
  git("init", "-q");
  git("add", "Kbuild", "Kconfig", "Makefile");
  git("commit", "-q", "-m", "first");
  await expect(prepareKernel({ name: "git:HEAD" }, use, "script", host)).rejects.toMatchObject({
    code: "KERNEL_NOT_PREPARED",
  });
  expect(existsSync(cache)).toBe(false);
  await expect(prepareKernel({ name: "git:HEAD" }, use, "run", host)).rejects.toMatchObject({
    code: "BUILD_INTERRUPTED",
    exitCode: 143,
  });
  expect(notices).toMatchObject([{ kind: "remark", message: expect.stringMatching(/^building git:HEAD/) }]);
});

function makePackage(cwd: string): string {
  return makeDeb(
    cwd,
    { name: "linux-image-6.1.0" },
    {
      "boot/vmlinuz-6.1.0": bzImage("6.1.0"),
      "boot/config-6.1.0": x86Config,
      "lib/modules/6.1.0/modules.order": "",
      "lib/modules/6.1.0/modules.builtin": "",
      "lib/modules/6.1.0/modules.dep": "",
    },
  );
}
