import { readFileSync } from "node:fs";
import { codedError } from "@vm/command-plan";

/**
 * What QEMU needs to serve files of the host: with fewer a command in the guest fails for want of them, and that would look like a
 * failure of its own.
 */
const NEEDED = 256;

/** @throws `OPEN_FILES_LIMITED` */
export function checkOpenFiles(): void {
  const [, limit] = /^Max open files +\d+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  if (limit === undefined || Number(limit) >= NEEDED) return;
  throw codedError(
    "OPEN_FILES_LIMITED",
    `a process may have only ${limit} files open here, and a guest needs ${NEEDED}`,
    {
      hint: "Raise the limit: ulimit -n, LimitNOFILE=, docker run --ulimit nofile=.",
    },
  );
}
