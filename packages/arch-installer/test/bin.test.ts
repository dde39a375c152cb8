import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readInstallation, renderScript } from "../src/index.js";
import { createLiveSystem } from "./live-system.js";

const BIN = fileURLToPath(new URL("../bin/arch-install.cjs", import.meta.url));

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "arch-installer-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
  return spawnSync(process.execPath, [BIN, ...args], {
    encoding: "utf8",
    cwd: directory,
    env: { ...process.env, ...env },
  });
}

test("the bundle prints what the library renders, our package in it", async () => {
  const { status, stdout, stderr } = run(["--hostname", "testvm", "--fs", "xfs", "--dry-run"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const installation = await readInstallation({ hostname: "testvm", fs: "xfs" }, { cwd: directory });
  expect(stdout).toBe(renderScript(installation));
  expect(stdout).toContain("vm-modules-mounter");
});

test("a real run hands bash the very bytes of the dry run, and leaves no copy of them", () => {
  const bash = join(directory, "bin/bash");
  mkdirSync(join(directory, "bin"));
  writeFileSync(
    bash,
    `#!/bin/sh\ncp "$1" '${directory}/seen'\nstat -c %a "$1" > '${directory}/mode'\necho "$1" > '${directory}/path'\n`,
  );
  chmodSync(bash, 0o755);
  const options = ["--hostname", "testvm", "--root-dev", "/dev/vdz", "--log", "log"];
  const env = { PATH: `${directory}/bin:${process.env["PATH"] ?? ""}` };
  expect(run(options, env).status).toBe(0);
  expect(readFileSync(join(directory, "seen"), "utf8")).toBe(
    run([...options.slice(0, -2), "--dry-run"]).stdout,
  );
  expect(readFileSync(join(directory, "mode"), "utf8")).toBe("600\n");
  expect(existsSync(readFileSync(join(directory, "path"), "utf8").trim())).toBe(false);
});

test("a real run shows the sections, and has the rest in the log", () => {
  const live = createLiveSystem();
  try {
    const log = join(directory, "log");
    const options = [
      "--hostname",
      "testvm",
      "--root-dev",
      live.device,
      "--root-password-hash",
      "$6$a$b",
      "--yes",
    ];
    const argv = [process.execPath, BIN, ...options, "--log", log] as const;
    const success = live.run([...argv]);
    expect(success).toMatchObject({ status: 0, stdout: "" });
    const lines = success.stderr.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^\[1\/\d+\] Check this system$/);
    expect(lines.at(-1)).toBe(`done: testvm is installed on ${live.device}`);
    expect(lines.every((line) => /^(\[\d+\/\d+\] |done: )/.test(line))).toBe(true);
    expect(readFileSync(log, "utf8")).toContain("==> arch-install done: ");
    expect(statSync(log).mode & 0o777).toBe(0o600);

    const failure = live.run([...argv], { failOn: "pacstrap -G -C" });
    expect(failure.status).toBe(1);
    expect(failure.stderr).toMatch(
      /arch-install: \[6\/\d+\] Install the packages: line \d+: pacstrap .*status 9/,
    );
    expect(failure.stderr).toContain("pacstrap: this is the failure");
    expect(failure.stderr).toContain(`All of it is in ${log}`);
  } finally {
    live.remove();
  }
});

test.each<[what: string, args: readonly string[], message: string]>([
  ["no host name", [], "hostname: it is missing"],
  ["a wrong host name", ["--hostname", "a b"], "--hostname: expected letters"],
  ["a wrong choice", ["--hostname", "a", "--fs", "zfs"], "Allowed choices are ext4, btrfs, xfs"],
  ["an unknown option", ["--hostname", "a", "--frobnicate"], "unknown option"],
  ["an argument", ["--hostname", "a", "b"], "too many arguments"],
  ["a log of what only prints", ["--hostname", "a", "--log", "log"], "--log is not for a dry run"],
  [
    "two file systems",
    ["--hostname", "a", "--fs", "xfs", "--mkfs-cmd", "mkfs.ext4 -q"],
    "mkfsCmd makes ext4",
  ],
])("%s ends with 2 and one sentence", (_, args, message) => {
  const { status, stdout, stderr } = run([...args, "--dry-run"]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test("a file that is not there ends with 1", () => {
  const { status, stderr } = run(["--hostname", "a", "--ssh-key", "nothing.pub", "-n"]);
  expect(status).toBe(1);
  expect(stderr).toContain(join(directory, "nothing.pub"));
});

test("help and version go to standard output", () => {
  expect(run(["--help"])).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringContaining("Examples:"),
  });
  expect(run(["--version"])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("a reader that goes away early is not worth a message", () => {
  const script = `set -o pipefail; '${process.execPath}' '${BIN}' --hostname a -n | head -c 10`;
  const { status, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect([0, 141]).toContain(status);
});

test("every option of the help has its place in the file, and the other way round", () => {
  const { stdout } = run(["--help"]);
  const schema: { properties: object } = JSON.parse(
    readFileSync(new URL("../schema/installation.schema.json", import.meta.url), "utf8"),
  );
  const flags = Array.from(stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm), ([, flag = ""]) =>
    flag.replace(/^no-/, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
  const own = ["config", "log", "dryRun", "version", "help"];
  expect(flags.filter((flag) => !own.includes(flag)).toSorted()).toEqual(
    Object.keys(schema.properties)
      .filter((key) => key !== "$schema")
      .toSorted(),
  );
});
