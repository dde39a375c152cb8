import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { ensureModulesIndex, resolveKernel } from "../../src/index.js";
import { compiledModules, install, makeTree, temporaryDirectory } from "../made-up-tree.js";

const objects = compiledModules();

describe("an index that is made", () => {
  test("by four processes at once is whole, and all four can use it", async () => {
    const program = join(temporaryDirectory(), "ensure.cjs");
    const source = `
      import { ensureModulesIndex, resolveKernel } from "./index.js";
      const [tree, cacheDir] = process.argv.slice(2);
      void resolveKernel(tree, { cwd: "/" }).then(async (build) => {
        console.log(JSON.stringify(await ensureModulesIndex(build, { cacheDir })));
      });`;
    buildSync({
      stdin: { contents: source, resolveDir: new URL("../../src", import.meta.url).pathname },
      bundle: true,
      platform: "node",
      conditions: ["@vm/source"],
      outfile: program,
      logLevel: "error",
    });
    const tree = makeTree(join(temporaryDirectory(), "linux"), { modulesOrder: "fs/core.o\nfs/user.o\n" });
    install(tree, "fs/core.ko", objects.core);
    install(tree, "fs/user.ko", objects.user);
    const cache = temporaryDirectory();
    const answers = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const child = spawn(process.execPath, [program, tree, cache], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        let text = "";
        child.stdout.on("data", (chunk) => (text += String(chunk)));
        await once(child, "close");
        return text;
      }),
    );
    for (const answer of answers) expect(answer).toMatch(/"state":"(?:made|fresh)".*"count":2/);
    const [shared = ""] = readdirSync(join(cache, "modules-index"));
    expect(readdirSync(join(cache, "modules-index"))).toEqual([shared]);
    const index = join(cache, "modules-index", shared);
    expect(readFileSync(join(index, "modules.dep"), "utf8")).toContain(
      "kernel/fs/user.ko: kernel/fs/core.ko",
    );
    expect(readdirSync(index)).toContain(readlinkSync(join(index, "current")));
    expect(readdirSync(index).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("while a module is rebuilt is made once more, of what was built last", async () => {
    const tree = makeTree(join(temporaryDirectory(), "linux"), { modulesOrder: "fs/device.o\n" });
    install(tree, "fs/device.ko", objects.device);
    const depmod = join(temporaryDirectory(), "depmod");
    const marker = join(dirname(depmod), "once");
    const rebuild = `rm ${tree}/fs/device.ko && cp ${objects.changed} ${tree}/fs/device.ko`;
    const lines = [
      "#!/bin/sh",
      "PATH=$PATH:/usr/sbin:/sbin",
      'depmod "$@" || exit',
      `[ "$1" = -n ] || [ -e ${marker} ] || { >${marker} && ${rebuild}; }`,
    ];
    writeFileSync(depmod, lines.join("\n"));
    chmodSync(depmod, 0o755);
    const cacheDir = temporaryDirectory();
    const index = await ensureModulesIndex(await resolveKernel(tree, { cwd: "/" }), { cacheDir, depmod });
    expect(index).toMatchObject({ state: "made", count: 1 });
    if (index.state === "none") return;
    expect(readFileSync(join(index.directory, "modules.alias"), "utf8")).toContain("v0000DEADd0000BEEF");
  });

  test("of more modules than a command line can name holds the same", async () => {
    const tree = join(temporaryDirectory(), "linux");
    const deep = Array.from({ length: 14 }, (_, level) => `${level}`.padEnd(200, "x")).join("/");
    const names = Array.from({ length: 450 }, (_, number) => `${deep}/module${number}`);
    makeTree(tree, { modulesOrder: names.map((name) => `${name}.o\n`).join("") });
    mkdirSync(join(tree, deep), { recursive: true });
    const object = join(tree, "object");
    install(tree, "object", objects.device);
    for (const name of names) linkSync(object, join(tree, `${name}.ko`));
    linkSync(object, join(tree, deep, "stale.ko"));
    const index = await ensureModulesIndex(await resolveKernel(tree, { cwd: "/" }), {
      cacheDir: temporaryDirectory(),
    });
    expect(index).toMatchObject({ state: "made", count: 450 });
    if (index.state === "none") return;
    const dependencies = readFileSync(join(index.directory, "modules.dep"), "utf8").trimEnd().split("\n");
    expect(dependencies).toEqual(names.map((name) => `kernel/${name}.ko:`));
  });
});
