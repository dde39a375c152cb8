import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { onTestFinished } from "vitest";

export const bin = fileURLToPath(new URL("../bin/vm.cjs", import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory of its own for a test: `home` for VMs, `cwd` where the person stands, and nothing of the real user's. */
export interface Sandbox {
  readonly root: string;
  readonly home: string;
  readonly cwd: string;
  /** Of what runs there. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vm: (...args: string[]) => Promise<Ended>;
  readonly vmWith: (env: Readonly<Record<string, string>>, ...args: string[]) => Promise<Ended>;
  readonly sh: (script: string) => Promise<Ended>;
}

/** Runs a program with nothing of this process's environment, and no input. */
async function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Ended> {
  const {
    exitCode = -1,
    stdout,
    stderr,
  } = await execa(program, args, {
    ...options,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    stripFinalNewline: false,
  });
  return { code: exitCode, stdout, stderr };
}

export function sandbox(): Sandbox {
  const root = mkdtempSync(join(tmpdir(), "vm cli, "));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const cwd = join(root, "here");
  mkdirSync(cwd);
  const home = join(root, "vms");
  const env = { PATH: process.env["PATH"], HOME: root, VM_HOME: home, VM_ACCEL: "tcg" };
  return {
    root,
    home,
    cwd,
    env,
    vm: (...args) => run(process.execPath, [bin, ...args], { cwd, env }),
    vmWith: (more, ...args) => run(process.execPath, [bin, ...args], { cwd, env: { ...env, ...more } }),
    sh: (script) => run("/bin/sh", ["-c", script], { cwd, env }),
  };
}

/** A made-up build tree: the files that `vm` looks at, and no kernel. */
export function makeBuildTree(
  tree: string,
  {
    release = "6.1.0-test",
    config = configuration,
  }: { readonly release?: string; readonly config?: string } = {},
): string {
  const files: readonly [path: string, content: string, ageSeconds: number][] = [
    [".config", config, 30],
    ["include/config/auto.conf", "", 20],
    ["include/config/kernel.release", `${release}\n`, 20],
    ["vmlinux", "", 15],
    ["arch/x86/boot/bzImage", `${"\0".repeat(0x202)}HdrS${"\0".repeat(0x100)}`, 10],
    ["modules.order", "", 10],
  ];
  for (const [name, content, ageSeconds] of files) {
    const path = join(tree, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(path, time, time);
  }
  return tree;
}

export const configuration: string = [
  "64BIT X86_64 MODULES VIRTIO_PCI VIRTIO_BLK VIRTIO_CONSOLE NET_9P NET_9P_VIRTIO 9P_FS TMPFS DEVTMPFS OVERLAY_FS PROC_FS SYSFS",
  "SERIAL_8250_CONSOLE BINFMT_ELF BINFMT_SCRIPT BLK_DEV_INITRD EXT4_FS",
]
  .flatMap((line) => line.split(" "))
  .map((name) => `CONFIG_${name}=y\n`)
  .join("");

/** A git repository with the files by which a kernel's sources are known, in one commit. */
export function makeSourceRepository(directory: string): void {
  const git = (...argv: string[]): Buffer =>
    execFileSync("git", ["-c", "user.name=me", "-c", "user.email=me@here", ...argv], { cwd: directory });
  for (const name of ["Kbuild", "Kconfig", "MAINTAINERS"]) writeFileSync(join(directory, name), "");
  writeFileSync(join(directory, "Makefile"), "VERSION = 6\nPATCHLEVEL = 1\n");
  git("init", "-q");
  git("add", "Kbuild", "Kconfig", "MAINTAINERS", "Makefile");
  git("commit", "-q", "-m", "one");
}

/** A dry run's script with each command on one line: where it breaks depends on how long the path of Node is. */
export function unfolded(script: string): string {
  return script.replaceAll(/ \\\n[\s#]+/g, " ");
}
