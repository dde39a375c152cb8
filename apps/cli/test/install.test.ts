import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { stage, type Stage } from "./installation-stage.js";

const bin = fileURLToPath(new URL("../bin/vm.cjs", import.meta.url));
function allFiles(directory: string): string[] {
  return existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted()
    : [];
}

/** The record of a run, whatever the directory of its sandbox is. */
function inPlace({ record, root }: Stage): string {
  return record().replaceAll(root, "ROOT").replaceAll(root.replaceAll(",", ",,"), "ROOT");
}

const HOSTILE = `A, "b" 'c' $d \\e=f`;

describe("vm install", () => {
  test("leaves what its dry run leaves, and both start the same guest with the same script", async () => {
    const [ran, scripted] = [stage(), stage()];
    const result = await ran.install(HOSTILE);
    expect(result).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("vm: [1/1] Work\n"),
    });
    expect(allFiles(ran.home)).toEqual([HOSTILE, `${HOSTILE}/root.qcow2`, `${HOSTILE}/vm.mjs`]);

    const script = await scripted.install(HOSTILE, "--dry-run");
    expect(script).toMatchObject({ code: 0, stderr: "" });
    expect(allFiles(scripted.root).filter((name) => /^(vms|cache)/.test(name))).toEqual([]);
    writeFileSync(join(scripted.root, "script.sh"), script.stdout);
    expect(spawnSync("shellcheck", ["-s", "sh", join(scripted.root, "script.sh")]).stdout.toString()).toBe(
      "",
    );
    const { PATH, RECORD } = scripted.env;
    const ended = await scripted.sh(
      `PATH='${PATH}' RECORD='${RECORD}' sh '${join(scripted.root, "script.sh")}'`,
    );
    expect(ended).toMatchObject({ code: 0, stdout: "vm1 exited 0\n" });
    expect(allFiles(scripted.home)).toEqual(allFiles(ran.home));
    expect(inPlace(scripted)).toBe(inPlace(ran));
    expect(ran.record()).toContain("\narchisobasedir=arch archisolabel=X copytoram=n ");
    expect(ran.record()).toContain("\n600\nthe kernel\n#!/usr/bin/env bash\n");
    for (const file of ["root.qcow2", "vm.mjs"]) {
      const [a, b] = [ran, scripted].map(({ home }) => readFileSync(join(home, HOSTILE, file)));
      expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
    }
  });

  test("a failure leaves no VM, by itself and by its script, and says where the log is", async () => {
    const box = stage("fail");
    const { code, stdout, stderr } = await box.install("New");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("vm: the installation failed: [1/1] Work: line 1: false (status 1)\n");
    expect(stderr).toContain("--keep");
    expect(readFileSync(/the log is (\S.*?), the console/.exec(stderr)?.[1] ?? "", "utf8")).toContain(
      "failed: ",
    );
    expect(allFiles(box.home)).toEqual([]);
    const script = await box.install("New", "-n");
    writeFileSync(join(box.root, "script.sh"), script.stdout);
    const ended = await box.sh(
      `PLAY=fail PATH='${box.env["PATH"]}' RECORD='${box.env["RECORD"]}' sh '${join(box.root, "script.sh")}'`,
    );
    expect(ended.code).toBe(1);
    expect(allFiles(box.home)).toEqual([]);
    expect((await box.install("New", "--keep")).stderr).toContain(
      'the VM "New.failed": vm run New.failed -k KERNEL\n',
    );
    expect(allFiles(box.home)).toEqual(["New.failed", "New.failed/root.qcow2", "New.failed/vm.mjs"]);
  });

  test("a VM that is there is installed on when it is blank, or with --yes, and not while it runs", async () => {
    const box = stage();
    expect((await box.vmWith(box.env, "create", "Old", "-s", "1M")).code).toBe(0);
    const withoutSize = ["install", "Old", "--iso", "arch.iso", "--ssh-key", "id.pub", "--hostname", "x"];
    expect(await box.install("Old")).toMatchObject({ code: 2, stderr: expect.stringContaining("-s: ") });
    expect(await box.vmWith(box.env, ...withoutSize)).toMatchObject({ code: 0 });
    const disk = join(box.home, "Old/root.qcow2");
    spawnSync("qemu-io", ["-c", "write -P 1 0 4k", disk]);
    const written = readFileSync(disk);
    expect(await box.vmWith(box.env, ...withoutSize)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is not blank"),
    });
    expect(readFileSync(disk).equals(written)).toBe(true);
    const lock = join(box.home, "Old/.lock");
    const holder = spawn("flock", ["-x", lock, "sh", "-c", "echo locked; exec cat"]);
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    expect(await box.vmWith(box.env, ...withoutSize, "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("already running"),
    });
    holder.stdin.end();
    await new Promise((resolve) => holder.once("close", resolve));
    expect(await box.vmWith(box.env, ...withoutSize, "--yes")).toMatchObject({ code: 0 });
    expect(readFileSync(disk).equals(written)).toBe(false);
    expect(allFiles(box.home)).toEqual(["Old", "Old/.lock", "Old/root.qcow2", "Old/vm.mjs"]);
  });

  test("a signal in the middle of it ends the guest, and nothing is left", async () => {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const box = stage("hang");
      const words = [
        "install",
        "New",
        "--iso",
        "arch.iso",
        "--ssh-key",
        "id.pub",
        "--hostname",
        "x",
        "-s",
        "1M",
      ];
      const child = spawn(process.execPath, [bin, ...words], {
        cwd: box.cwd,
        env: { HOME: box.root, VM_HOME: box.home, VM_ACCEL: "tcg", ...box.env },
      });
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => {
        const before = stderr;
        stderr += chunk.toString();
        const work = "[1/1] Work";
        if (stderr.includes(work) && !before.includes(work)) child.kill(signal);
      });
      const status = await new Promise((resolve) => child.once("close", resolve));
      expect({ status, stderr }).toMatchObject({ status: code, stderr: expect.stringContaining("stopped") });
      expect(allFiles(box.home)).toEqual([]);
      expect(spawnSync("pgrep", ["-f", box.root]).stdout.toString()).toBe("");
    }
  });

  test("what means nothing is refused before anything is done", async () => {
    const box = stage();
    const wrong: readonly [string[], number, string][] = [
      [["a/b", "--ssh-key", "id.pub"], 2, "it is a path"],
      [["a\nb", "--ssh-key", "id.pub", "--hostname", "x"], 2, "control character"],
      [["my vm", "--ssh-key", "id.pub"], 2, "hostname"],
      [["A"], 2, "no password and no key"],
      [["A", "--ssh-key", "id.pub", "--bootstrap"], 2, "--bootstrap needs a kernel"],
      [["A", "--ssh-key", "id.pub", "-k", "."], 2, "-k is for --bootstrap"],
      [["A", "--ssh-key", "id.pub", "--shell", "--iso", "arch.iso"], 2, "--shell needs a terminal"],
      [["A", "--ssh-key", "id.pub", "--timeout", "soon"], 2, "--timeout"],
      [["A", "--ssh-key", "id.pub", "--root-dev", "/dev/nvme0n1"], 2, "the disk of the VM is /dev/vda"],
      [["A", "--ssh-key", "id.pub", "--mirror", "rsync://x"], 2, "URL"],
      [["A", "--ssh-key", "id.pub", "-s", "huge"], 2, "-s huge"],
      [["A", "--ssh-key", "id.pub", "--iso", "id.pub"], 1, "is no ISO 9660 image"],
      [["A", "--ssh-key", "id.pub", "--iso", "none.iso"], 1, "there is no such file"],
    ];
    for (const [words, code, text] of wrong) {
      const ended = await box.vmWith(box.env, "install", ...words);
      expect({ words, ...ended }).toMatchObject({
        words,
        code,
        stdout: "",
        stderr: expect.stringContaining(text),
      });
      expect(ended.stderr).not.toMatch(/\n\s+at /);
    }
    expect(allFiles(box.home)).toEqual([]);
    expect(existsSync(box.env["RECORD"] ?? "")).toBe(false);
  });

  test("without an image the dry run is a script that gets one and goes on", async () => {
    const box = stage();
    const words = ["install", "A", "--ssh-key", "id.pub", "--mirror", "http://127.0.0.1:9/arch", "-n"];
    const { code, stdout } = await box.vmWith(box.env, ...words);
    expect(code).toBe(0);
    expect(stdout).toContain("http://127.0.0.1:9/arch/iso/latest/archlinux-x86_64.iso");
    expect(stdout).toContain("sha256sum --check --ignore-missing sha256sums.txt");
    expect(statSync(box.root).isDirectory() && existsSync(box.env["VM_CACHE_HOME"] ?? "")).toBe(false);
  });
});
