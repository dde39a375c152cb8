// @ts-check
// Does what README's Install says under "From nothing to a booted kernel on Debian 13", word for word, with the packages of
// `npm run release:packages`, on a Debian that has none of it. Needs root and mmdebstrap; ends with 0 when a guest said its release.
//   node tools/try-install.mjs [bookworm|trixie|sid]   on another one than trixie its own line of README's table comes first
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

/** @param {string} system as README's table calls it */
function installCommand(system) {
  const row = readFileSync(join(ROOT, "README.md"), "utf8")
    .split("\n")
    .find((line) => line.startsWith("| ") && line.includes(system) && line.includes("apt install ./"));
  return /`([^`]+)`/.exec(row ?? "")?.[1] ?? "";
}

/** @satisfies {Readonly<Record<import("../e2e/fixtures/debian-suite.mjs").Suite, string>>} */
const SYSTEMS = { bookworm: "Debian 12", trixie: "Debian 13", sid: "sid" };
const [wanted = "trixie"] = process.argv.slice(2);
const suite = wanted === "bookworm" || wanted === "sid" ? wanted : "trixie";
const [first, ...others] = readmeCommands();
const commands = [suite === "trixie" ? first : installCommand(SYSTEMS[suite]), ...others];
if (!existsSync(packages)) {
  say("there is no dist/packages: run `npm run release:packages` first");
  process.exitCode = 2;
} else if (wanted !== suite) {
  say(`expected one of ${Object.keys(SYSTEMS).join(", ")}, got ${wanted}`);
  process.exitCode = 2;
} else if (commands.length !== 3 || commands.includes("")) {
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
    "vm --version",
  ];
  const { argv, env, remove } = await inBareClone(suite, ["sh", "-c", script.join("\n")], {
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
    const [release = "", version = ""] = stdout.trimEnd().split("\n").slice(-2);
    const booted = status === 0 && /^\d+\.\d+\.\d+\S*-amd64$/.test(release);
    say(
      booted
        ? `${SYSTEMS[suite]}: booted ${release} by README's three commands, with vm ${version}`
        : `failed: exit status ${status}`,
    );
    process.exitCode = booted ? 0 : 1;
  } finally {
    remove();
  }
}
