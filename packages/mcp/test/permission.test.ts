import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "@vm/command-plan";
import { processHost, type Host, type Request } from "@vm/operations";
import { expect, onTestFinished, test } from "vitest";
import { checkPermission } from "../src/permission.js";

/** A machine with a directory that an agent may write below, `results`. */
function machine(): { readonly host: Host; readonly results: string } {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "vm-mcp-")));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const results = join(cwd, "results");
  mkdirSync(results);
  symlinkSync("..", join(results, "out"));
  const env = { HOME: cwd, VM_HOME: join(cwd, "vms") };
  return { host: processHost({ env, cwd, command: ["vm", "mcp"], notice: () => {} }), results };
}

function verdict(request: Request, writable: readonly string[], host: Host): string {
  try {
    checkPermission(request, { writable }, host);
    return "allowed";
  } catch (error) {
    return `${errorCode(error)}: ${String(error)}`;
  }
}

const command = { text: "true" };

test("a command that writes nothing to this machine is allowed", () => {
  const { host } = machine();
  expect(verdict({ operation: "run-command", kernel: { name: "linux" }, command }, [], host)).toBe("allowed");
  expect(verdict({ operation: "list" }, [], host)).toBe("allowed");
});

test("what opens this machine, or needs a terminal, is refused whatever may be written", () => {
  const { host } = machine();
  const kernel = { name: "linux" };
  const refused: readonly Request[] = [
    { operation: "run-command", kernel: { ...kernel, busybox: "/bin/sh" }, command },
    { operation: "test", kernels: ["linux"], tests: [{ command: "true" }], boot: { busybox: "/bin/sh" } },
    { operation: "run-command", kernel, command, qemu: "/bin/sh" },
    { operation: "run-command", kernel, command, qemuOptions: ["-drive", "file=/etc/shadow"] },
    { operation: "run-command", kernel, command, debug: { dump: "core" } },
    { operation: "run-command", kernel, command: { text: "true", afterwards: "shell" } },
    { operation: "run-command", kernel, command: { text: "true", onFailure: "shell" } },
    { operation: "run-command", kernel, command: { text: "true", input: "pipe" } },
    { operation: "run-command", kernel, command: {} },
    { operation: "run-command", kernel, command, guest: { kind: "embedded", expose: ["~/.ssh"] } },
    { operation: "run-command", kernel, command, guest: { kind: "embedded", network: "user" } },
    { operation: "remove-vm", vm: "X" },
    { operation: "start", run: { operation: "run-vm", vm: "X", qemu: "/bin/sh" } },
    { operation: "start", run: { operation: "run-vm", vm: "X", qemuOptions: ["-s"] } },
    { operation: "start", run: { operation: "run-vm", vm: "X", debug: { dump: "core" } } },
    {
      operation: "start",
      run: { operation: "run-command", kernel, guest: { kind: "embedded", expose: ["/"] } },
      name: "x",
    },
    {
      operation: "start",
      run: { operation: "run-command", kernel, guest: { kind: "embedded", network: "user" } },
      name: "x",
    },
  ];
  for (const request of refused)
    expect([request, verdict(request, ["/"], host)]).toEqual([
      request,
      expect.stringMatching(/^MCP_NOT_ALLOWED: /),
    ]);
});

/** A command whose guest writes to a directory here. */
function shared(path: string): Request {
  return {
    operation: "run-command",
    kernel: { name: "linux" },
    command,
    guest: { kind: "embedded", shares: [{ path, access: "read-write" }] },
  };
}

test("a guest is started to run on, or started again, only where the directory of virtual machines may be written to", () => {
  const { host, results } = machine();
  const home = join(host.cwd, "vms");
  const kernel = { name: "linux" };
  const guest = { kind: "embedded", shares: [{ path: "/etc", access: "read-write" }] } as const;
  for (const request of [
    { operation: "start", run: { operation: "run-vm", vm: "X" } },
    { operation: "start", run: { operation: "run-command", kernel }, name: "x" },
    { operation: "restart", guest: "X" },
  ] as const) {
    expect([request, verdict(request, [home], host)]).toEqual([request, "allowed"]);
    expect([request, verdict(request, [results], host)]).toEqual([
      request,
      expect.stringContaining("would write"),
    ]);
  }
  // What it shares and builds counts as well.
  const sharing: Request = {
    operation: "start",
    run: { operation: "run-command", kernel, guest },
    name: "x",
  };
  expect(verdict(sharing, [home], host)).toContain("/etc");
  const building: Request = {
    operation: "start",
    run: { operation: "run-vm", vm: "X", kernel: { name: "git:HEAD" } },
  };
  expect(verdict(building, [home], host)).toContain("git:HEAD");
});

test("a directory is written to only where that is allowed, by where links lead", () => {
  const { host, results } = machine();
  expect(verdict(shared("results"), [results], host)).toBe("allowed");
  expect(verdict(shared("results/new"), [results], host)).toBe("allowed");
  symlinkSync("../not-there", join(results, "later"));
  symlinkSync("later/x", join(results, "further"));
  symlinkSync("circle", join(results, "circle"));
  symlinkSync("new", join(results, "inside"));
  expect(verdict(shared("results/inside"), [results], host)).toBe("allowed");
  const dangling = ["results/later", "results/later/x", "results/further", "results/circle"];
  for (const path of [
    ".",
    "results/../x",
    "results/out",
    "results/out/x",
    `${results}-other`,
    "/",
    ...dangling,
  ])
    expect([path, verdict(shared(path), [results], host)]).toEqual([
      path,
      expect.stringContaining("would write"),
    ]);
});

/** A command in a VM. */
function vm(disks?: "ephemeral"): Request {
  return {
    operation: "run-command",
    kernel: { name: "linux" },
    command,
    guest: { kind: "vm", name: "X", ...(disks === undefined ? {} : { disks }) },
  };
}

test("a revision is built, a VM's disks are written, guests are stopped: each by leave", () => {
  const { host } = machine();
  const revision: Request = { operation: "run-command", kernel: { name: "git:HEAD" }, command };
  expect(verdict(revision, [], host)).toContain("git:HEAD");
  expect(verdict(revision, [host.cwd], host)).toBe("allowed");
  expect(verdict(vm(), [], host)).toContain("the disks of X");
  expect(verdict(vm("ephemeral"), [], host)).toBe("allowed");
  expect(verdict({ operation: "pause", guest: "X" }, [], host)).toContain("would write");
});
