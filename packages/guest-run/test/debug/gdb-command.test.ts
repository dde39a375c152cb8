import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { renderArgv } from "@vm/qemu-argv";
import { expect, onTestFinished, test } from "vitest";
import { gdbArgv, gdbStubOptions } from "../../src/index.js";

test("gdb gets the symbols, the right to load the scripts beside them, and the place of the stub", () => {
  const session = {
    program: "gdb",
    vmlinux: "/my linux/vmlinux",
    scripts: "/my linux/vmlinux-gdb.py",
    endpoint: { kind: "socket", path: "/run/vm, one/.gdb.sock" },
  } as const;
  expect(gdbArgv(session)).toEqual([
    "gdb",
    "-q",
    "-iex",
    "add-auto-load-safe-path /my linux",
    "/my linux/vmlinux",
    "-ex",
    "target remote /run/vm, one/.gdb.sock",
  ]);
  expect(gdbArgv({ program: "gdb", endpoint: { kind: "port", port: 1234 } })).toEqual([
    "gdb",
    "-q",
    "-ex",
    "target remote 127.0.0.1:1234",
  ]);
});

test.each(["plain", 'it\'s "a" tree, $HOME', "with:colon", "star*"])(
  "gdb itself loads the scripts of a directory called %s",
  (name) => {
    const root = mkdtempSync(join(tmpdir(), "vm-gdb-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const tree = join(root, name);
    mkdirSync(tree);
    const vmlinux = join(tree, "vmlinux");
    copyFileSync("/bin/true", vmlinux);
    writeFileSync(`${vmlinux}-gdb.py`, 'print("scripts are loaded")\n');
    const argv = gdbArgv({
      program: "gdb",
      vmlinux,
      scripts: `${vmlinux}-gdb.py`,
      endpoint: { kind: "socket", path: "/none" },
    });
    // As it is pasted, but for the connection.
    const [program = "", ...args] = argv.slice(0, -2);
    const line = [program, "-nx", "-batch", ...args].map(quoteShell).join(" ");
    expect(execFileSync("sh", ["-c", `${line} 2>&1`], { encoding: "utf8" })).toBe("scripts are loaded\n");
  },
);

test("the stub is a socket of its own, or a port of this machine alone, and may hold the guest", () => {
  const socket = { kind: "socket", path: "/vm/a,b/.gdb.sock" } as const;
  expect(renderArgv(gdbStubOptions({ endpoint: socket, start: "at-once" }))).toEqual([
    "-chardev",
    "socket,id=vm-gdb,path=/vm/a,,b/.gdb.sock,server=on,wait=off",
    "-gdb",
    "chardev:vm-gdb",
  ]);
  expect(renderArgv(gdbStubOptions({ endpoint: { kind: "port", port: 1234 }, start: "when-told" }))).toEqual([
    "-gdb",
    "tcp:127.0.0.1:1234",
    "-S",
  ]);
});
