import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

/** More than what pipes, sockets and ssh's windows hold. */
const MANY_BYTES = 20 * 1024 * 1024 + 7;

let kernel: KernelFixture;
let home: VmHome;
let work: string;
let env: Record<string, string>;
let guest: ReturnType<typeof startGuest>;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  work = mkdtempSync(join(tmpdir(), "vm-reach-"));
  const runtime = join(work, "runtime");
  mkdirSync(runtime, { mode: 0o700 });
  writeFileSync(join(work, ".bashrc"), "PS1='mine> '\n");
  env = { ...home.env, XDG_RUNTIME_DIR: runtime, HOME: work, SHELL: "/bin/bash" };
  guest = startGuest("t");
  await guest.isUp;
  // What bash reads for ssh may take seconds on the machine whose root this is.
  await vm("exec", "t", "sh", "-c", ": >/root/.bashrc");
});

afterAll(async () => {
  await guest.end();
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

/** A guest on a terminal of somebody else: it lives until its command's input ends. */
function startGuest(name: string): {
  readonly isUp: Promise<unknown>;
  kill(): Promise<void>;
  end(): Promise<void>;
} {
  const [program, ...args] = home.vm("run", "-k", kernel.build, "--name", name, "--exec", "echo up; cat");
  const child = spawn(program, args, {
    cwd: work,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  return {
    isUp: Promise.race([
      once(child.stdout, "data"),
      closed.then(() => Promise.reject(new Error("the guest ended before it was up"))),
    ]),
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async end() {
      child.stdin.end();
      await closed;
    },
  };
}

function vm(...args: readonly string[]): Promise<Outcome> {
  return runProgram(home.vm(...args), { cwd: work, env });
}

function vmWithInput(input: string, ...args: readonly string[]): Promise<Outcome> {
  return runProgram(home.vm(...args), { cwd: work, env, input });
}

function runScript(script = ""): Promise<Outcome> {
  return runProgram(["sh", "-c", script], { cwd: work, env });
}

test("a command has its words, its directory, its streams and its status, whatever they are", async () => {
  const words = [
    "a b",
    "",
    "it's",
    '"',
    "$(id)",
    "`id`",
    "*",
    "\\",
    "%s%%",
    "!x",
    "-n",
    "é\n\t~",
    "{a,b}",
    "#",
  ];
  const printed = await vm("exec", "t", "printf", "[%s]", ...words);
  expect(printed).toEqual({ status: 0, stdout: words.map((word) => `[${word}]`).join(""), stderr: "" });
  expect(await vmWithInput("in\n", "exec", "t", "sh", "-c", "cat; pwd; echo no >&2; exit 3")).toEqual({
    status: 3,
    stdout: `in\n${work}\n`,
    stderr: "no\n",
  });
  expect(await vmWithInput("in\n", "exec", "--no-stdin", "t", "cat")).toEqual({
    status: 0,
    stdout: "",
    stderr: "",
  });
  // 255 is also what ssh says of itself.
  expect(await vm("exec", "t", "sh", "-c", "exit 255")).toEqual({ status: 255, stdout: "", stderr: "" });
  expect(await vm("exec", "t", "sh", "-c", "kill -9 $$")).toEqual({ status: 137, stdout: "", stderr: "" });
  const missing = await vm("exec", "t", "no such program");
  expect(missing.status).toBe(127);
  expect(missing.stderr).toContain("vm: the command is one program and its arguments");
});

test("nothing that polls has one of the guest's ports: who polls takes others' wake-ups away", async () => {
  const holders = `find /proc/[0-9]*/fd -lname '/dev/vport*' 2>/dev/null | cut -d/ -f3 | sort -u |
    while read -r pid; do cat /proc/$pid/comm; done | sort -u`;
  const { stdout } = await vm("exec", "t", "sh", "-c", holders);
  expect(stdout).toBe("cat\ndd\nsh\n");
});

test("what cannot be reached is told apart from a command that fails", async () => {
  expect(await vm("exec", "nobody", "true")).toEqual({
    status: 249,
    stdout: "",
    stderr: "vm: no guest named nobody is running\nvm:   Running: t.\n",
  });
  expect((await vm("exec", "t")).status).toBe(2);
  expect((await vm("exec", "t", "-x")).status).toBe(2);
  const full = await runProgram(
    ["sh", "-c", `${shellWords(home.vm("exec", "t", "echo", "lost"))} >/dev/full`],
    { env },
  );
  expect(full.status).toBe(249);
  expect(full.stderr).toContain("standard output could not be written: no space left on device");
});

test("a terminal has its size, and one stream", async () => {
  const terminal = openTerminal(
    `exec ${shellWords(home.vm("exec", "-t", "t", "sh", "-c", "stty size; tty; exit 5"))}`,
    { env },
  );
  await terminal.waitFor("24 80");
  await terminal.waitFor("/dev/pts/");
  expect(await terminal.ended).toBe(5);
  expect(terminal.output()).not.toContain("closed");
  expect((await vm("exec", "-t", "t", "true")).status).toBe(2);
});

test("a dry run's script does the same", async () => {
  const scripts = [
    await vm("exec", "-n", "t", "echo", "a  b"),
    await vm("ssh", "-n", "t", "echo 'a  b'"),
    await vm("cp", "-n", "-p", ".bashrc", "t:/run/by-script"),
    await vm("forward", "-n", "--reverse", "t", "1:2"),
    await vm("mount", "-n", "--read-only", "t", "."),
  ];
  const [exec, ssh, cp, forward, mount] = scripts.map(({ stdout }) => stdout);
  expect(await runScript(exec)).toEqual({ status: 0, stdout: "a  b\n", stderr: "" });
  expect(await runScript(ssh)).toMatchObject({ status: 0, stdout: "a  b\n" });
  expect(await runScript(cp)).toEqual({ status: 0, stdout: "", stderr: "" });
  expect((await vm("exec", "t", "cat", "/run/by-script")).stdout).toBe("PS1='mine> '\n");
  expect(forward).toContain("-R 127.0.0.1:1:localhost:2");
  expect(mount).toContain("-o ro");
});

test("a signal goes to the command, and nothing of it is left", async () => {
  const [program, ...args] = home.vm("exec", "t", "sh", "-c", "echo begun; exec sleep 12345");
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
  const left = await vm("exec", "t", "sh", "-c", "grep -l 1234[5] /proc/[0-9]*/cmdline");
  expect(left.stdout).toBe("");
});

test(
  "eight shells at once have terminals of their own, and the prompt says where",
  { timeout: 900_000 },
  async () => {
    const shells = Array.from({ length: 8 }, () =>
      openTerminal(`exec ${shellWords(home.vm("shell", "t"))}`, { cwd: work, env }),
    );
    try {
      await Promise.all(shells.map((shell) => shell.waitFor(`(${kernel.release}) mine> `)));
      const { stdout } = await vm("exec", "t", "sh", "-c", "ls /dev/pts");
      expect(stdout.split("\n").filter((name) => /^\d+$/.test(name))).toHaveLength(8);
      for (const [number, shell] of shells.entries()) shell.write(`stty size; exit ${number + 10}\r`);
      await Promise.all(shells.map((shell) => shell.waitFor("24 80")));
      expect(await Promise.all(shells.map((shell) => shell.ended))).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
    } finally {
      await Promise.all(shells.map((shell) => shell.close()));
    }
  },
);

test(
  "directories go in and come out byte by byte, whatever files are called",
  { timeout: 900_000 },
  async () => {
    const bytes = randomBytes(MANY_BYTES);
    const name = 'a*b [1] {x} "q" \\.txt';
    mkdirSync(join(work, "tree/sub"), { recursive: true });
    writeFileSync(join(work, "tree/blob"), bytes);
    writeFileSync(join(work, "tree/sub", name), "odd\n");
    expect(await vm("cp", "tree", "t:/run/copied")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await vm("cp", "-p", "t:/run/copied", "back")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(work, "back/blob")).equals(bytes)).toBe(true);
    expect(await vm("cp", `t:/run/copied/sub/${name}`, "one")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(work, "one"), "utf8")).toBe("odd\n");

    expect((await vm("cp", "t:/run/none", ".")).status).toBe(1);
    const full = await vm("cp", "t:/run/copied/sub", "/proc/nowhere");
    expect(full).toMatchObject({ status: 1 });
    expect(full.stderr).toContain("vm: not everything was copied");
    expect((await vm("cp", "tree", "back")).status).toBe(2);
  },
);

test("a port of this machine leads into a guest without a network, until it is taken back", async () => {
  const server = `
    use IO::Socket::INET;
    my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 80, Listen => 1) or die;
    $| = 1; print "listening\\n"; my $c = $s->accept; print $c "from the guest\\n"; close $c;`;
  const [program, ...args] = home.vm("exec", "t", "perl", "-e", server);
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const port = String(20_000 + (process.pid % 10_000));
  expect(await vm("forward", "t", `${port}:80`)).toEqual({ status: 0, stdout: "", stderr: "" });
  const socket = createConnection({ host: "127.0.0.1", port: Number(port) });
  const [said] = await once(socket, "data");
  expect(String(said)).toBe("from the guest\n");
  socket.destroy();
  await once(child, "close");
  expect(await vm("forward", "--cancel", "t", `${port}:80`)).toEqual({ status: 0, stdout: "", stderr: "" });
  expect((await vm("forward", "--cancel", "t", `${port}:80`)).status).toBe(1);
  expect((await vm("forward", "t", "80")).status).toBe(2);
});

test("ssh, rsync and sshfs know a guest by vm ssh-config, with a connection that is open and without", async () => {
  const { stdout: config } = await vm("ssh-config", "t");
  writeFileSync(join(work, "ssh_config"), config);
  const control = /ControlPath "(.*)"/.exec(config)?.[1] ?? "";
  await promisify(execFile)("ssh", ["-F", "none", "-S", control, "-O", "exit", "vm"]);
  const ssh = ["ssh", "-F", join(work, "ssh_config")] as const;
  const plain = await runProgram([...ssh, "vm-t", "echo $((6*7)); exit 4"], { env });
  expect(plain).toMatchObject({ status: 4, stdout: "42\n" });
  mkdirSync(join(work, "few"));
  writeFileSync(join(work, "few/file"), "text\n");
  const rsync = await runProgram(
    ["rsync", "-a", "-e", shellWords([...ssh]), join(work, "few/"), "vm-t:/run/few/"],
    { env },
  );
  expect(rsync).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(await vm("ssh", "t", "cat /run/few/file | tr a-z A-Z")).toMatchObject({
    status: 0,
    stdout: "TEXT\n",
  });
  mkdirSync(join(work, "mounted"));
  expect(await vm("mount", "t", "--from", "/run/few", "mounted")).toEqual({
    status: 0,
    stdout: "",
    stderr: "",
  });
  try {
    expect(readFileSync(join(work, "mounted/file"), "utf8")).toBe("text\n");
  } finally {
    await promisify(execFile)("umount", [join(work, "mounted")]);
  }
});

test("a guest that dies in the middle is no success, and leaves nothing", { timeout: 900_000 }, async () => {
  const [program, ...args] = home.vm("exec", "t", "sh", "-c", "echo begun; exec sleep 1000");
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  await once(child.stdout, "data");
  const endless = runProgram(
    ["sh", "-c", `${shellWords(home.vm("exec", "t", "cat", "/dev/zero"))} >endless`],
    {
      cwd: work,
      env,
    },
  );
  await vm("exec", "t", "sh", "-c", "truncate -s 10G /run/sparse");
  const copy = vm("cp", "t:/run/sparse", "part");
  await grows(join(work, "part"));
  await grows(join(work, "endless"));
  await guest.kill();
  expect(await once(child, "close")).toEqual([254, null]);
  expect((await endless).status).toBe(254);
  const copied = await copy;
  expect(copied.status).toBe(254);
  expect(copied.stderr).toContain("vm: t has gone before everything was copied");
  expect((await vm("exec", "t", "true")).status).toBe(249);
  expect(readdirSync(join(env["XDG_RUNTIME_DIR"] ?? "", "vm"))).toEqual([]);
});

test("a guest does not see the keys by which guests are reached", async () => {
  const keys = join(home.env["VM_HOME"] ?? "", ".keys");
  expect(readdirSync(keys)).toContain("guest");
  const words = home.vm("run", "-k", kernel.build, "--exec", `ls -A ${keys} && ! cat ${keys}/guest 2>&1`);
  const { status, stdout } = await runProgram(words, { cwd: work, env });
  expect([status, stdout]).toEqual([0, expect.stringContaining("No such file")]);
});

async function grows(file: string): Promise<void> {
  while (!existsSync(file) || statSync(file).size === 0) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
