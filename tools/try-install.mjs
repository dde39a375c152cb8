// @ts-check
// Does what README's Install says under "From nothing to a booted kernel on Debian 13", word for word, with the packages of
// `npm run release:packages`, on a Debian 13 that has none of it. Needs root and mmdebstrap; ends with 0 when a guest said its release.
//   node tools/try-install.mjs
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inBareClone } from "../e2e/fixtures/bare-root.mjs";
import { ROOT, say } from "./step.mjs";

const HEADING = "From nothing to a booted kernel on Debian 13:";
const packages = join(ROOT, "dist/packages");

/** The indented lines below the heading. */
function readmeCommands() {
  const lines = readFileSync(join(ROOT, "README.md"), "utf8").split("\n");
  const below = lines.slice(lines.indexOf(HEADING) + 2);
  const end = below.findIndex((line) => !line.startsWith("    "));
  return below.slice(0, end).map((line) => line.trim());
}

const commands = readmeCommands();
if (!existsSync(packages)) {
  say("there is no dist/packages: run `npm run release:packages` first");
  process.exitCode = 2;
} else if (commands.length !== 3) {
  say(`README has ${commands.length} commands below "${HEADING}", and not three`);
  process.exitCode = 1;
} else {
  // What a person at a terminal has or answers: lists that are not old, and yes.
  const script = [
    "set -eux",
    `echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90yes`,
    "apt-get update -qq",
    "cd /srv/packages",
    ...commands,
  ];
  const { argv, env, remove } = await inBareClone("trixie", ["sh", "-c", script.join("\n")], {
    checkout: ROOT,
    mounts: { "/srv/packages": packages },
  });
  try {
    const [program, ...args] = argv;
    const { status, stdout } = spawnSync(program, args, {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.stdout.write(stdout);
    const release = stdout.trimEnd().split("\n").at(-1) ?? "";
    const booted = status === 0 && /^\d+\.\d+\.\d+\S*-amd64$/.test(release);
    say(booted ? `booted ${release} by README's three commands` : `failed: exit status ${status}`);
    process.exitCode = booted ? 0 : 1;
  } finally {
    remove();
  }
}
