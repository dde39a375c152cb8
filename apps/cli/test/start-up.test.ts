import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, type Ended } from "./vm.js";

test.each([
  ["list"],
  ["create X -n"],
  ["config X -n"],
  ["run X -k linux -n"],
  ["run -k linux -n"],
  ["run -k linux --exec true -n"],
  ["run -k linux --gdb -n"],
  ["test -k linux --exec true -n"],
  ["kernel linux -n"],
  ["modules linux -n"],
])("vm %s loads no module of Node that costs a start something", async (line) => {
  const { cwd, root, vm, vmWith } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  await vm("create", "X", "-s", "1M");
  const loaded = join(root, "loaded");
  const report = join(root, "report.cjs");
  writeFileSync(
    report,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join("\\n")));`,
  );
  const env = { NODE_OPTIONS: `--require "${report.replaceAll(/[\\"]/g, String.raw`\$&`)}"` };
  const names = (): string[] =>
    readFileSync(loaded, "utf8").match(/(?<=^NativeModule )(?!internal)\S+$/gm) ?? [];
  // What this Node loads for nothing at all.
  execFileSync(process.execPath, ["-e", "0"], { env: { ...process.env, ...env } });
  const own = new Set(names());
  rmSync(loaded);
  await vmWith(env, ...line.split(" "));
  expect(names()).toContain("fs");
  // node:vm of the loader, and node:os and the like, which are small.
  const small = /^(?:async_hooks|buffer|events|fs|module|os|path|querystring|timers|url|util|vm)$/;
  expect(names().filter((name) => !own.has(name) && !small.test(name))).toEqual([]);
});

test("for a Node that did not build it the first run keeps what was compiled, where nobody else can write", async () => {
  const { root, sh } = sandbox();
  const installed = join(root, "installed");
  const own = fileURLToPath(new URL("..", import.meta.url));
  for (const name of ["bin", "dist", "package.json"]) {
    cpSync(join(own, name), join(installed, name), {
      recursive: true,
      filter: (path) => !/code-cache|types/.test(path),
    });
  }
  const cache = join(root, "cache");
  const run = (words: string): Promise<Ended> =>
    sh(`VM_CACHE_HOME="${cache}" "${process.execPath}" "${installed}/bin/vm.cjs" ${words}`);
  expect(await run("list -n")).toMatchObject({ code: 0 });
  expect(existsSync(cache)).toBe(false);

  expect(await run("list")).toMatchObject({ code: 0, stderr: "" });
  const [build = ""] = readdirSync(join(cache, "code"));
  const kept = join(cache, "code", build);
  expect(readdirSync(kept).toSorted()).toEqual(["cli-commands-list.cjs", "vm.cjs"]);
  expect(statSync(kept).mode & 0o777).toBe(0o700);
  const made = statSync(join(kept, "vm.cjs"), { bigint: true });
  expect(await run("list")).toMatchObject({ code: 0, stderr: "" });
  expect(statSync(join(kept, "vm.cjs"), { bigint: true })).toMatchObject({ ino: made.ino });

  // Whoever can write there could put any code there.
  chmodSync(join(cache, "code"), 0o777);
  rmSync(join(kept, "vm.cjs"));
  expect(await run("list")).toMatchObject({ code: 0, stderr: "" });
  expect(readdirSync(kept)).toEqual(["cli-commands-list.cjs"]);
});

test("modules of Node that are loaded late are what they are, also those that are a function or a class", async () => {
  const { root, sh } = sandbox();
  writeFileSync(
    join(root, "program.ts"),
    `import assert from "node:assert";
     import EventEmitter, { once } from "node:events";
     import { PassThrough, Readable, Writable } from "node:stream";
     import Stream from "node:stream";
     import fs, { constants } from "node:fs";
     import { promisify } from "node:util";
     const legacy = require("node:assert");
     class Emitter extends EventEmitter { said = "hello"; }
     class Words extends Readable { override _read() { this.push("words"); this.push(null); } }
     const emitter = new Emitter();
     const emitted = once(emitter, "word");
     emitter.emit("word", 1);
     assert(emitter instanceof EventEmitter && emitter instanceof Emitter);
     assert.deepEqual(new Words() instanceof Stream, true);
     assert.throws(() => legacy(false), { code: "ERR_ASSERTION" });
     assert(new PassThrough() instanceof Writable && !(emitter instanceof Stream));
     new Words().setEncoding("utf8").on("data", async (words) => {
       const stats = await promisify(fs.stat)("/");
       console.log(words, emitter.said, (await emitted)[0], stats.isDirectory(), constants.X_OK);
     });`,
  );
  const bundler = fileURLToPath(new URL("../../../tools/bundle.mjs", import.meta.url));
  writeFileSync(
    join(root, "build.mjs"),
    `import { bundleBin } from ${JSON.stringify(bundler)};
     await bundleBin({ directory: ${JSON.stringify(root)}, entryPoints: { program: "program.ts" } });`,
  );
  const ended = await sh(
    `cd "${root}" && "${process.execPath}" build.mjs && "${process.execPath}" -e 'require("./dist/load-bin.cjs").load("program.cjs")'`,
  );
  expect(ended).toEqual({ code: 0, stderr: "", stdout: "words hello 1 true 1\n" });
});
