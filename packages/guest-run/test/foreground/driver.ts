// A `vm run` in small: runs QEMU by the package, writes its pid and its end to files in the directory DRIVER_OUT.
import { appendFileSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findQemu, foregroundStatus, runForeground } from "@vm/guest-run";

const out = process.env["DRIVER_OUT"]!;
const put = (name: string, text: string): void => {
  writeFileSync(join(out, `${name}.new`), text);
  renameSync(join(out, `${name}.new`), join(out, name));
};
process.on("SIGUSR2", () => {
  throw new Error("a bug in vm");
});

put("vm.pid", String(process.pid));
async function main(): Promise<void> {
  try {
    const end = await runForeground({
      argv: [process.env["DRIVER_PROGRAM"] ?? findQemu({ arch: "x86_64" }), ...process.argv.slice(2)],
      cwd: process.env["DRIVER_CWD"] ?? out,
      stopTimeoutMs: Number(process.env["DRIVER_STOP_TIMEOUT_MS"] ?? "20000"),
      ...(process.env["DRIVER_LOCK"] === undefined
        ? {}
        : { lockFd: openSync(process.env["DRIVER_LOCK"], "r") }),
      ...(process.env["DRIVER_OUTPUT"] === "own"
        ? {}
        : { onOutput: (chunk) => appendFileSync(join(out, "seen"), chunk) }),
      onStart: (pid) => {
        put("qemu.pid", String(pid));
        if (process.env["DRIVER_ON_START"] === "throw") throw new Error("the lock could not be written");
      },
    });
    put("end", JSON.stringify(end));
    process.exitCode = foregroundStatus(end);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    put("error", `${"code" in error ? String(error.code) : "none"}: ${error.message}`);
    process.exitCode = 99;
  }
}

void main();
