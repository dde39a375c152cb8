// @ts-check
// npm run bench [-- NAME...]: runs tools/bench/NAME.bench.mjs, or all of them, and prints ratios with their targets.
import { readdirSync } from "node:fs";
import { setUp } from "./setup.mjs";
import { ROOT, say } from "./step.mjs";

const SUFFIX = ".bench.mjs";

/** @param {readonly import("./bench/pairs.mjs").Row[]} rows */
function printTable(rows) {
  const header = ["what", "", "floor", "", "ratio", "target"];
  const lines = rows.map(({ name, measuredMs, floorName, floorMs, ratio, target, unit = "ms" }) => [
    name,
    `${measuredMs.toFixed(1)} ${unit}`,
    floorName,
    `${floorMs.toFixed(1)} ${unit}`,
    ratio.toFixed(2),
    `${target}${ratio <= target ? "" : "  missed"}`,
  ]);
  const table = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of table) {
    const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

async function main() {
  await setUp({ goal: "tests", consent: "ask" });
  const wanted = process.argv.slice(2);
  const names = readdirSync(`${ROOT}/tools/bench`)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .filter((name) => wanted.length === 0 || wanted.includes(name));
  for (const name of names) {
    say(name);
    /** @type {{ bench: () => Promise<import("./bench/pairs.mjs").Row[]> }} */
    const { bench } = await import(`${ROOT}/tools/bench/${name}${SUFFIX}`);
    printTable(await bench());
  }
}

try {
  await main();
} catch (error) {
  say(`bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
