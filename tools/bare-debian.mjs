// @ts-check
// Tries what README promises: runs a command in a fresh clone of HEAD on a Debian that has Node, npm, git and certificates, and
// nothing else. Needs root and mmdebstrap. What it downloads is kept in the cache.
//   node tools/bare-debian.mjs bookworm|trixie|sid COMMAND...      such as: npm run demo
import { spawnSync } from "node:child_process";
import { inBareClone } from "../e2e/fixtures/bare-root.mjs";
import { ROOT, say } from "./step.mjs";

const [suite, ...command] = process.argv.slice(2);
if ((suite !== "bookworm" && suite !== "trixie" && suite !== "sid") || command.length === 0) {
  say("usage: node tools/bare-debian.mjs bookworm|trixie|sid COMMAND...");
  process.exitCode = 2;
} else {
  const { argv, env, remove } = await inBareClone(suite, command, { checkout: ROOT });
  try {
    const [program, ...args] = argv;
    const { status, signal, error } = spawnSync(program, args, {
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (error !== undefined) throw error;
    say(`${command.join(" ")} on Debian ${suite} ended with ${status ?? signal}`);
    process.exitCode = status ?? 1;
  } finally {
    remove();
  }
}
