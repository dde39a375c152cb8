// Runs the commands over a made-up VM and build tree, with a QEMU that ends at once, so that what V8 compiles can be kept
// (tools/load-bin.cjs says why). It is made by this Node and for this Node.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, "bin/vm.cjs");

/** A file with its directories; `ageSeconds` old, since a build's parts are made one after the other. */
function write(path, content, ageSeconds = 0) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const time = Date.now() / 1000 - ageSeconds;
  utimesSync(path, time, time);
}

function makeBuildTree(tree) {
  write(join(tree, ".config"), "CONFIG_64BIT=y\nCONFIG_X86_64=y\nCONFIG_MODULES=y\n", 30);
  write(join(tree, "include/config/auto.conf"), "", 20);
  write(join(tree, "include/config/kernel.release"), "6.1.0\n", 20);
  write(join(tree, "arch/x86/boot/bzImage"), `${"\0".repeat(0x202)}HdrS${"\0".repeat(0x100)}`, 10);
  write(join(tree, "modules.order"), "drivers/net/dummy.ko\n", 10);
}

export function buildCodeCache() {
  const cache = join(here, "dist/code-cache");
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(join(cache, `${process.version}-${process.arch}`), { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "vm-code-cache-"));
  try {
    const qemu = join(scratch, "bin/qemu-system-x86_64");
    write(qemu, "#!/bin/sh\n");
    chmodSync(qemu, 0o755);
    makeBuildTree(join(scratch, "linux"));
    const env = {
      PATH: `${join(scratch, "bin")}:${process.env.PATH}`,
      HOME: scratch,
      VM_HOME: join(scratch, "vm"),
      VM_ACCEL: "tcg",
      VM_BUILD_CODE_CACHE: "1",
    };
    const run = (...args) =>
      execFileSync(process.execPath, [bin, ...args], {
        cwd: scratch,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
    const script = run("create", "T", "-n").toString();
    // The configuration that `vm create` writes, without asking for qemu-img.
    const config = /<<'?(\w+)'?.*?\n(.*?)\n\1$/ms.exec(script)?.[2];
    if (config === undefined) throw new Error("vm create --dry-run prints no configuration");
    write(join(scratch, "vm/T/vm.mjs"), `${config}\n`);
    run("list", "-n");
    run("config", "T", "-n");
    run("run", "-k", "linux", "--exec", "true", "--accel", "auto", "-n");
    run(
      "run",
      "T",
      "-k",
      "linux",
      "-i",
      "linux/modules.order",
      "-a",
      "quiet",
      "--accel",
      "auto",
      "-n",
      "--",
      "-s",
    );
    run("run", "T", "-k", "linux", "-i", "linux/modules.order");
    run("completion", "bash", "--", "vm run -k lin", " =");
    run("completion", "fish", "--", "run", "T", "-");
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
