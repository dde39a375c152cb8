import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { randomName } from "@vm/host-files";
import type { Qmp } from "../qmp/session.js";

/**
 * Writes the guest's memory to `file` (absolute): an ELF core, or what its suffix `.kdump` asks for, kdump's compressed
 * format. crash reads both, drgn the core. A guest that runs stands still meanwhile. QEMU writes beside `file`, which is there only
 * when it is whole; an old one of that name is replaced then.
 *
 * @throws `DUMP_FAILED`
 */
export async function dumpMemory(qmp: Qmp, file: string): Promise<void> {
  checkDumpFile(file);
  const partial = join(dirname(file), `.${basename(file)}.${randomName()}.part`);
  try {
    await qmp.execute("dump-guest-memory", {
      // The guest's page tables may be what is broken: physical memory is written as it is.
      paging: false,
      protocol: `file:${partial}`,
      ...(file.endsWith(".kdump") ? { format: "kdump-zlib" } : {}),
    });
    // QEMU runs in its own mount namespace or on another host at worst: then there is no file to rename.
    if (!existsSync(partial)) throw new Error("QEMU wrote it where it cannot be seen from here");
    // QEMU makes it for reading only.
    chmodSync(partial, 0o600);
    sync(partial);
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw failed(file, cause);
  }
}

/** Looks whether a dump could be written there, before it is needed. @throws `DUMP_FAILED` */
export function checkDumpFile(file: string): void {
  const directory = dirname(file);
  const stats = statSync(directory, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) throw failed(file, new Error(`there is no directory ${directory}`));
  const own = statSync(file, { throwIfNoEntry: false });
  if (own !== undefined && !own.isFile()) throw failed(file, new Error("it is there, and no plain file"));
  const probe = join(directory, `.${basename(file)}.${randomName()}.part`);
  try {
    closeSync(openSync(probe, "wx", 0o600));
  } catch (cause) {
    throw failed(file, cause);
  }
  rmSync(probe);
}

function sync(file: string): void {
  const fd = openSync(file, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function failed(file: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const full = /no space left|ENOSPC/i.test(reason);
  const hint = full
    ? "A dump is as large as the guest's memory: make room, or name a FILE.kdump, which is compressed."
    : undefined;
  return codedError("DUMP_FAILED", `the guest's memory could not be written to ${file}: ${reason}`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}
