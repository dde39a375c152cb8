// Bundles the bin into one CommonJS file that starts fast, dist/bin/arch-install.cjs, with the guest's package in it.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderPackage } from "@vm/modules-mounter";
import { bundleBin, prepareCodeCache } from "../../tools/bundle.mjs";

const directory = dirname(fileURLToPath(import.meta.url));

/** The guest's package as bytes: what makes it would cost a dry run more time than all the rest. */
async function readyMadePackage() {
  const { fileName, content, info } = await renderPackage();
  const base64 = JSON.stringify(Buffer.from(content).toString("base64"));
  const rest = `fileName: ${JSON.stringify(fileName)}, info: ${JSON.stringify(info)}`;
  return `const content = Buffer.from(${base64}, "base64");
export const renderPackage = async () => ({ ${rest}, content });`;
}

const readyMade = {
  name: "ready-made",
  setup(context) {
    context.onResolve({ filter: /^@vm\/modules-mounter$/ }, ({ path }) => ({
      path,
      namespace: "ready-made",
    }));
    context.onLoad({ filter: /.*/, namespace: "ready-made" }, async () => ({
      contents: await readyMadePackage(),
    }));
  },
};

await bundleBin({ directory, entryPoints: { "arch-install": "src/bin.ts" }, plugins: [readyMade] });
execFileSync(
  process.execPath,
  [join(directory, "bin/arch-install.cjs"), "--hostname", "testvm", "--fs", "xfs", "--dry-run"],
  {
    env: { ...process.env, ...prepareCodeCache(directory) },
    stdio: ["ignore", "ignore", "inherit"],
  },
);
