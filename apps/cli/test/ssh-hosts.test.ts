import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, type Sandbox } from "./vm.js";

/** PATH with an ssh that does that for each host, with the words for the other side in `$command`; the real one is in e2e/test/hosts.test.ts. */
function madeSsh(box: Sandbox, hosts: Readonly<Record<string, string>>): { PATH: string } {
  const directory = join(box.root, "ssh");
  mkdirSync(directory, { recursive: true });
  const cases = Object.entries(hosts).map(([name, text]) => `${name}) ${text} ;;\n`);
  writeFileSync(
    join(directory, "ssh"),
    `#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\ncommand=$3\ncase $2 in\n${cases.join("")}esac\n`,
  );
  chmodSync(join(directory, "ssh"), 0o755);
  return { PATH: `${directory}:${process.env["PATH"]}` };
}

const here = 'exec sh -c "$command"';

/** A machine with this vm, and with no QEMU. */
function withoutQemu(box: Sandbox): string {
  const bare = join(box.root, "bare");
  mkdirSync(bare);
  for (const program of ["sh", "dd", "flock", "mv", "rm"])
    symlinkSync(`/usr/bin/${program}`, join(bare, program));
  return `PATH='${bare}' ${here}`;
}

const matrix = ["-k", "linux", "--exec", "true"];

test("a host that cannot be used is one sentence, and nothing is planned for it", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const cases: readonly (readonly [behaviour: string, said: string])[] = [
    [
      'echo "ssh: Could not resolve hostname x: Name or service not known" >&2; exit 255',
      "x: Could not resolve hostname x: Name or service not known",
    ],
    ["exit 255", "x: the connection was lost"],
    ["exit 69", "x: it has no vm: neither at the place of this one, nor in PATH"],
    ["echo 'sh: vm: cannot execute: required file not found' >&2; exit 126", "x: sh: vm: cannot execute"],
    ["echo 'This account is not available.'; exit 1", "x: its vm ended with exit code 1"],
    [
      `echo Welcome; echo vm-cells 1; echo '{"kind":"hello","version":"0.0.1","arch":"x86_64"}'; cat >/dev/null`,
      "x: its vm is 0.0.1, and this one",
    ],
    [`echo vm-cells 1; echo hello; cat >/dev/null`, "x: what answers is no vm that serves cells"],
  ];
  for (const [behaviour, said] of cases) {
    const words = ["test", ...matrix, "--on", "ssh:x"];
    const { code, stdout, stderr } = await box.vmWith(madeSsh(box, { x: behaviour }), ...words);
    expect([code, stdout, stderr]).toEqual([249, "", expect.stringContaining(said)]);
  }
  const none = join(box.root, "none");
  mkdirSync(none);
  symlinkSync("/bin/sh", join(none, "sh"));
  expect(await box.vmWith({ PATH: none }, "test", ...matrix, "--on", "ssh:x")).toMatchObject({
    code: 249,
    stderr: expect.stringContaining("there is no ssh in PATH"),
  });
  expect(readdirSync(box.cwd)).toEqual(["linux"]);
}, 120_000);

test("what a host cannot run another one tries; what none can run is an error", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const bare = withoutQemu(box);
  const ssh = madeSsh(box, { a: bare, b: bare, away: "exit 255" });
  const { code, stdout, stderr } = await box.vmWith(ssh, "test", ...matrix, "--on", "ssh:a,away,b", "--json");
  const report: { readonly cells: readonly { readonly reason: string }[] } = JSON.parse(stdout);
  expect([code, report.cells.map(({ reason }) => reason)]).toEqual([
    1,
    [expect.stringContaining("qemu-system-x86_64")],
  ]);
  expect(stderr).toContain("warning: away: the connection was lost; the others run the cells");
  expect(stderr).toMatch(/warning: [ab] cannot run cell 1, which another host tries: .*qemu-system-x86_64/);
}, 120_000);

test("options that would do nothing beside hosts are refused by name", async () => {
  const box = sandbox();
  const refused: readonly (readonly [named: string, words: readonly string[]])[] = [
    ["--on", [...matrix, "--on", "ssh:"]],
    ["--on", [...matrix, "--on", "ssh:a,,b"]],
    ["--on", [...matrix, "--on", "ssh:a b"]],
    ["--on", [...matrix, "--on", "ssh:-oProxyCommand=true"]],
    ["--on", [...matrix, "--on", "ssh:a\nb"]],
    ["--on", [...matrix, "--on", "ssh:a,b,a"]],
    ["--detach", [...matrix, "--on", "ssh:a", "--detach"]],
    ["--seed", [...matrix, "--on", "ssh:a", "--seed", "1"]],
    ["--collect", ["--collect", "plan", "--on", "ssh:a"]],
  ];
  for (const [named, words] of refused) {
    const { code, stderr } = await box.vm("test", ...words);
    expect([words, code, stderr.includes(named)]).toEqual([words, 2, true]);
  }
}, 60_000);

test("a dry run connects to nobody; its script is the command", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const ssh = madeSsh(box, { x: `touch '${join(box.root, "called")}'; exit 255` });
  const { code, stdout } = await box.vmWith(ssh, "test", ...matrix, "--on", "ssh:x", "-n");
  expect([code, readdirSync(box.root).includes("called")]).toEqual([0, false]);
  expect(stdout).toContain("--on ssh:x");
  expect(await box.sh(`PATH='${ssh.PATH}'; ${stdout}`)).toMatchObject({ code: 249 });
  expect(readdirSync(box.root)).toContain("called");
}, 60_000);
