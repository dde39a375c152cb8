import { spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A pipe without a name. Its owner closes both descriptors. */
export interface Pipe {
  /** Does not block. Its end is seen once nobody holds `writer`. */
  readonly reader: number;
  /** For another process to write to. (It could be read as well: only so does no `open` wait for the other side.) */
  readonly writer: number;
}

/**
 * Node itself makes sockets only, and those keep every small write as a message of its own. A named pipe has lost its name when this returns.
 *
 * @throws what `mkfifo` said, or a system error
 */
export function makePipe(): Pipe {
  const directory = mkdtempSync(join(tmpdir(), "vm-pipe-"));
  const path = join(directory, "pipe");
  try {
    const { status, stderr, error } = spawnSync("mkfifo", ["-m", "600", path], { encoding: "utf8" });
    if (error !== undefined) throw new Error(`mkfifo could not be started: ${error.message}`);
    if (status !== 0) throw new Error(stderr.trim() || `mkfifo ended with status ${status}`);
    const writer = openSync(path, constants.O_RDWR);
    try {
      return { reader: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), writer };
    } catch (error_) {
      closeSync(writer);
      throw error_;
    }
  } finally {
    // rmSync would first load what removes trees, 1.3 ms before every start of QEMU.
    if (existsSync(path)) unlinkSync(path);
    rmdirSync(directory);
  }
}
