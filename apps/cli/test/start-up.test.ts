import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox } from "./vm.js";

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
  await vmWith(
    { NODE_OPTIONS: `--require "${report.replaceAll(/[\\"]/g, String.raw`\$&`)}"` },
    ...line.split(" "),
  );
  const names = readFileSync(loaded, "utf8").match(/(?<=^NativeModule )(?!internal)\S+$/gm) ?? [];
  expect(names).toContain("fs");
  // Those of `node -e 0`, node:vm of the loader, and node:os, which is small.
  const small = /^(?:async_hooks|buffer|events|fs|module|os|path|querystring|timers|url|util|vm)$/;
  expect(names.filter((name) => !small.test(name))).toEqual([]);
});
