import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beginCreation, listVms, ownIdentity } from "@vm/vm-store";
import { expect, onTestFinished, test } from "vitest";
import {
  existingVmTarget,
  install,
  installExitCode,
  type InstallJob,
  type InstallPlan,
  type InstallResult,
  newVmTarget,
  planBootstrap,
  stopReason,
} from "../src/index.js";
import { scratchDirectory } from "./scratch.js";

const SECTION = "==> arch-install [1/2] Partition";
const DONE = "==> arch-install done: x is installed on /dev/vda";
const FAILED = "==> arch-install failed: [1/2] Partition: line 7: sfdisk (status 1)";

interface Case {
  /** Shell text in the place of QEMU, with `$status`, `$log` and `$console`, in the VM's directory. */
  readonly guest: string;
  readonly answers?: "files" | "program";
  readonly job?: Partial<InstallJob>;
  readonly home?: string;
  readonly name?: string;
  readonly existing?: true;
}

/** Installs with a shell script for a guest. */
async function tryInstall({
  guest,
  answers = "files",
  job = {},
  ...where
}: Case): Promise<
  InstallResult & { readonly home: string; readonly lines: string[]; readonly vms: readonly string[] }
> {
  const { home = scratchDirectory(), name = "A, 'new' one" } = where;
  const lines: string[] = [];
  const target =
    where.existing === true
      ? existingVmTarget({ home, name, sizeBytes: 1_048_576 }, ownIdentity())
      : newVmTarget({ home, name, size: "1M" }, beginCreation({ home, name }));
  const logs = { log: join(home, ".log"), console: join(home, ".console") };
  const plan = planBootstrap({
    target,
    logs,
    script: "true\n",
    pacmanConfiguration: "",
    directory: home,
    onFailure: "power off",
    runCommand: () => ["true"],
  });
  const status = join(target.directory, ".install/status");
  const variables = `status='${status.replaceAll("'", "'\\''")}' log=${logs.log} console=${logs.console}\n`;
  const played: InstallPlan = {
    ...plan,
    guest: {
      argv: ["sh", "-c", variables + guest],
      directory: home,
      answers: answers === "files" ? { kind: "files", status } : { kind: "program" },
    },
  };
  const result = await install({
    plan: played,
    env: process.env,
    silenceMs: 60_000,
    onProgress: (progress) => lines.push(progress.kind),
    onLog: (line) => lines.push(line),
    onConsole: (line) => lines.push(`console: ${line}`),
    stop: new AbortController().signal,
    afterFailure: "remove",
    ...job,
  });
  const left = readdirSync(home).filter((entry) => !/^\.(log|console)/.test(entry));
  // Nothing hidden is left, whatever happened.
  expect(left).toEqual(listVms(home));
  return { ...result, home, lines, vms: listVms(home) };
}

const say = (...lines: readonly string[]): string =>
  lines.map((line) => `echo '${line}' >> "$log"\n`).join("");
const STARTED = 'echo vm1 started >> "$status"\n';

test("with the guest's word and the script's the VM is there, whole", async () => {
  const guest = `${STARTED}${say(SECTION, "output", DONE)}echo vm1 exited 0 >> "$status"`;
  const { outcome, home, vms, lines } = await tryInstall({ guest });
  expect(outcome).toEqual({ kind: "installed" });
  expect(vms).toEqual(["A, 'new' one"]);
  expect(readdirSync(join(home, "A, 'new' one")).toSorted()).toEqual(["root.qcow2", "vm.mjs"]);
  expect(lines).toEqual(["section", SECTION, "output", "done", DONE]);
});

test("whatever is missing of the two words, it is not installed, and nothing is left", async () => {
  const cases: readonly [string, string][] = [
    [`${STARTED}${say(SECTION, DONE)}`, "lost"],
    [`${STARTED}${say(SECTION)}echo vm1 exited 0 >> "$status"`, "lost"],
    [`${STARTED}${say(SECTION, DONE)}echo vm1 exited 00000 >> "$status"`, "lost"],
    [`${STARTED}${say(SECTION, DONE)}printf 'vm1 exi' >> "$status"`, "lost"],
    [`${STARTED}${say(SECTION, FAILED)}echo vm1 exited 1 >> "$status"`, "failed"],
    [`${STARTED}echo 'Kernel panic - not syncing: x' > "$console"`, "panicked"],
    [`${STARTED}kill -9 $$`, "lost"],
    ["echo 'qemu: no such disk' >&2; exit 1", "not-started"],
    ["exit 0", "not-started"],
  ];
  for (const [guest, kind] of cases) {
    const { outcome, vms } = await tryInstall({ guest });
    expect({ guest, kind: outcome.kind, vms }).toEqual({ guest, kind, vms: [] });
    expect(installExitCode(outcome)).toBeGreaterThan(0);
  }
  const { outcome } = await tryInstall({ guest: `${STARTED}${say(FAILED)}echo vm1 exited 1 >> "$status"` });
  expect(outcome).toEqual({ kind: "failed", reason: "[1/2] Partition: line 7: sfdisk (status 1)" });
  const said = await tryInstall({ guest: "echo 'qemu: no such disk' >&2; exit 1" });
  expect(said.outcome).toMatchObject({ reason: expect.stringContaining("qemu: no such disk") });
});

test("silence and a time limit end it; a guest that speaks is not silent", async () => {
  // On a busy machine it may take longer than the silence until a shell has begun: then it is given more time.
  let silent = await tryInstall({ guest: `${STARTED}exec sleep 60`, job: { silenceMs: 500 } });
  for (
    let silenceMs = 2000;
    /never ran/.test(JSON.stringify(silent.outcome)) && silenceMs < 60_000;
    silenceMs *= 2
  ) {
    silent = await tryInstall({ guest: `${STARTED}exec sleep 60`, job: { silenceMs } });
  }
  expect(silent.outcome).toMatchObject({
    kind: "timed-out",
    reason: expect.stringContaining("nothing was heard of the installation"),
  });
  const never = await tryInstall({ guest: "exec sleep 60", job: { silenceMs: 500 } });
  expect(never.outcome).toMatchObject({ reason: expect.stringContaining("never ran the installation") });
  const busy = `${STARTED}while :; do echo x >> "$log"; sleep 0.1; done`;
  const slow = await tryInstall({ guest: busy, job: { silenceMs: 60_000, timeoutMs: 700 } });
  expect(slow.outcome).toMatchObject({ kind: "timed-out", reason: "it was not done after 0.7 s" });
  expect(installExitCode(slow.outcome)).toBe(253);
  expect(slow.vms).toEqual([]);
});

test("a full disk of the host ends it at once: the guest is stopped by then, and says nothing", async () => {
  const home = scratchDirectory();
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "none", home]).status).toBe(0);
  onTestFinished(() => void spawnSync("umount", [home]));
  const guest = `${STARTED}dd if=/dev/zero of=.log.big 2> /dev/null; exec sleep 60`;
  const { outcome, vms } = await tryInstall({ guest, home });
  expect(outcome).toEqual({
    kind: "failed",
    reason: `the disk of ${home} is full: the guest can write no more`,
  });
  expect(vms).toEqual([]);
});

test("a signal ends the guest, also one that does not listen", async () => {
  const stop = new AbortController();
  const home = scratchDirectory();
  const pidFile = join(home, ".log.pid");
  const poll = setInterval(() => existsSync(pidFile) && stop.abort(stopReason("SIGINT")), 20);
  onTestFinished(() => clearInterval(poll));
  const { outcome, vms } = await tryInstall({
    guest: "echo $$ > .log.new; mv .log.new .log.pid; exec sleep 600",
    home,
    job: { stop: stop.signal, silenceMs: 300_000 },
  });
  expect(outcome).toEqual({ kind: "stopped", signal: 2 });
  expect(installExitCode(outcome)).toBe(130);
  expect(vms).toEqual([]);
  const pid = readFileSync(pidFile, "utf8").trim();
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  const early = new AbortController();
  early.abort(stopReason("SIGTERM"));
  await expect(tryInstall({ guest: "true", job: { stop: early.signal } })).rejects.toMatchObject({
    code: "STOPPED",
    exitCode: 143,
  });
});

test("a failed installation is kept under a name that says what it is", async () => {
  const guest = `${STARTED}echo vm1 exited 1 >> "$status"`;
  const { kept, vms, home } = await tryInstall({ guest, job: { afterFailure: "keep" } });
  expect(kept).toBe("A, 'new' one.failed");
  expect(vms).toEqual([kept]);
  expect(readdirSync(join(home, vms[0] ?? "")).toSorted()).toEqual(["root.qcow2", "vm.mjs"]);
  const again = await tryInstall({ guest, home, job: { afterFailure: "keep" } });
  expect(again.kept).toBe("A, 'new' one.failed-2");
});

test("a VM that is there keeps its disk until there is another", async () => {
  const home = scratchDirectory();
  mkdirSync(join(home, "Old"));
  const disk = join(home, "Old/root.qcow2");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", disk, "2M"]);
  writeFileSync(join(home, "Old/vm.mjs"), "// mine");
  const before = readFileSync(disk);
  const failed = await tryInstall({
    guest: `${STARTED}echo vm1 exited 1 >> "$status"`,
    home,
    name: "Old",
    existing: true,
  });
  expect(failed.vms).toEqual(["Old"]);
  expect(readFileSync(disk).equals(before)).toBe(true);
  const guest = `${STARTED}${say(DONE)}echo vm1 exited 0 >> "$status"`;
  const { outcome, vms } = await tryInstall({ guest, home, name: "Old", existing: true });
  expect(outcome.kind).toBe("installed");
  expect(vms).toEqual(["Old"]);
  const info = spawnSync("qemu-img", ["info", "--output=json", disk], { encoding: "utf8" });
  expect(JSON.parse(info.stdout)).toMatchObject({ "virtual-size": 1_048_576 });
  expect(readFileSync(join(home, "Old/vm.mjs"), "utf8")).toBe("// mine");
});

test("when somebody took the name meanwhile the work is not lost", async () => {
  const home = scratchDirectory();
  const guest = `${STARTED}${say(DONE)}echo vm1 exited 0 >> "$status"; mkdir New; touch New/file`;
  await expect(tryInstall({ guest, home, name: "New" })).rejects.toMatchObject({
    code: "INSTALL_NOT_FINISHED",
    hint: 'The installed system is the VM "New.installed" now.',
  });
  expect(listVms(home)).toEqual(["New", "New.installed"]);
});

test("a second installation of a name is refused while the first one works", async () => {
  const home = scratchDirectory();
  const first = tryInstall({ guest: `${STARTED}sleep 1`, home, name: "Twice" });
  await expect(tryInstall({ guest: "true", home, name: "Twice" })).rejects.toMatchObject({
    code: "VM_BEING_CREATED",
  });
  expect((await first).outcome.kind).toBe("lost");
});

test("a program that answers by its exit code is believed when its output ends as it should", async () => {
  const run = async (guest: string): Promise<string> =>
    (await tryInstall({ guest, answers: "program" })).outcome.kind;
  expect(await run(`echo '${SECTION}'; echo '${DONE}'`)).toBe("installed");
  expect(await run(`echo '${SECTION}'`)).toBe("lost");
  expect(await run(`echo '${SECTION}'; echo '${FAILED}'; exit 1`)).toBe("failed");
  expect(await run("echo 'vm: no such kernel' >&2; exit 249")).toBe("not-started");
  expect(await run(`echo '${DONE}'; exit 250`)).toBe("panicked");
  expect(await run(`echo '${DONE}'; exit 254`)).toBe("lost");
  const { home } = await tryInstall({ guest: `echo '${DONE}'`, answers: "program" });
  expect(readFileSync(join(home, ".log"), "utf8")).toBe(`${DONE}\n`);
});
