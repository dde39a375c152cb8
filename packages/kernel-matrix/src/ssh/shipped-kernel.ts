import { closeSync, openSync, readdirSync, readSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { isDirectory, isWithin, makeCacheRoom, makeDirectory, withDraftUntil } from "@vm/host-files";
import type { Host } from "@vm/operations";
import { textOf, type Frame, type FrameWriter } from "./frames.js";

/*
 * A kernel of a plan on its way to a host: `kernel`, then `directory` and `file` for what is in it, `chunk` for a file's bytes, and
 * `kernel-end`. There it stands in the cache under the hash of its content, for this plan and later ones.
 */

/** The room of the cache for kernels that came from other machines. */
export const roomName = "shipped";

const CHUNK_BYTES = 1 << 20;

/** A directory for a plan that is there for one run. Nothing of it stays, whatever ends this process. @throws `CACHE_UNUSABLE`, `CACHE_UNTRUSTED` */
export function withPlanDraft(
  { cacheDir }: Pick<Host, "cacheDir">,
  work: (directory: string) => Promise<void>,
): Promise<void> {
  return withDraftUntil(makeCacheRoom(cacheDir, roomName), work);
}

/** @param kernels the directory that holds it @param name a hash of what is in it */
export async function sendKernel({ send }: FrameWriter, kernels: string, name: string): Promise<void> {
  await send({ kind: "kernel", name });
  const sendBelow = async (inside: string): Promise<void> => {
    const entries = readdirSync(join(kernels, name, inside), { withFileTypes: true });
    for (const entry of entries) {
      const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) {
        await send({ kind: "directory", path });
        await sendBelow(path);
      } else await sendFile(path);
    }
  };
  const sendFile = async (path: string): Promise<void> => {
    await send({ kind: "file", path });
    const file = openSync(join(kernels, name, path), "r");
    try {
      for (;;) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const count = readSync(file, chunk);
        if (count === 0) return;
        await send({ kind: "chunk" }, chunk.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
  };
  await sendBelow("");
  await send({ kind: "kernel-end" });
}

/** Whether a text is the name of a kernel of a plan, which is the name of a directory as well. */
export function isKernelName(name: string): boolean {
  return /^[\da-f]{32}$/.test(name);
}

/**
 * Takes a kernel, all of it or nothing.
 *
 * @param room where it gets its place
 * @throws `CONNECTION_GARBLED`, `CONNECTION_LOST`, `KERNEL_NOT_COPIED`
 */
export async function receiveKernel(
  frames: AsyncGenerator<Frame, undefined>,
  room: string,
  name: string,
): Promise<void> {
  await withDraftUntil(room, async (draft) => {
    const place = join(draft, name);
    let file: number | undefined;
    const closeFile = (): void => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    };
    const inPlace = (path: string): string => {
      const full = join(place, path);
      if (full === place || !isWithin(full, place))
        throw codedError("KERNEL_NOT_COPIED", `a file outside of its kernel: ${JSON.stringify(path)}`);
      return full;
    };
    try {
      for (;;) {
        const next = await frames.next();
        if (next.done === true) throw codedError("CONNECTION_LOST", "the connection ended within a kernel");
        const { head, body } = next.value;
        switch (head.kind) {
          case "kernel":
            if (textOf(head, "name") !== name)
              throw codedError("KERNEL_NOT_COPIED", "it is another kernel than the one that was asked for");
            inRoom(room, () => makeDirectory(place));
            break;
          case "directory":
            inRoom(room, () => makeDirectory(inPlace(textOf(head, "path"))));
            break;
          case "file":
            closeFile();
            inRoom(room, () => {
              const path = inPlace(textOf(head, "path"));
              makeDirectory(dirname(path));
              file = openSync(path, "wx", 0o644);
            });
            break;
          case "chunk":
            inRoom(room, () => writeFileSync(file ?? -1, body));
            break;
          case "kernel-end":
            closeFile();
            inRoom(room, () => {
              const shared = join(room, name);
              if (!isDirectory(shared)) renameSync(place, shared);
            });
            return;
          default:
          // Signs of life.
        }
      }
    } finally {
      closeFile();
    }
  });
}

/** @throws `KERNEL_NOT_COPIED` */
function inRoom(room: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("KERNEL_NOT_COPIED", `a kernel cannot be written into ${room}: ${reason}`, { cause });
  }
}
