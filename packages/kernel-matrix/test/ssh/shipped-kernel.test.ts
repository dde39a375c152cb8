import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { frameWriter, OPENING, readFrames } from "../../src/ssh/frames.js";
import { receiveKernel, sendKernel } from "../../src/ssh/shipped-kernel.js";

const name = "0123456789abcdef0123456789abcdef";
let place: string;
let room: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "shipped-"));
  room = join(place, "room");
  mkdirSync(room);
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
});

function below(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" });
}

test("a kernel arrives as it was, with its empty directories", async () => {
  const kernels = join(place, "kernels");
  mkdirSync(join(kernels, name, "lib/modules/7.2/kernel"), { recursive: true });
  mkdirSync(join(kernels, name, "boot"));
  // More than one piece, and none at all.
  const image = Buffer.alloc(3_000_000, "image");
  writeFileSync(join(kernels, name, "boot/vmlinuz-7.2"), image);
  writeFileSync(join(kernels, name, "boot/config é"), "");
  const stream = new PassThrough();
  stream.write(`${OPENING}\n`);
  const received = receiveKernel(readFrames(stream), room, name);
  await sendKernel(frameWriter(stream), kernels, name);
  await received;
  expect(below(join(room, name)).toSorted()).toEqual(below(join(kernels, name)).toSorted());
  expect(readFileSync(join(room, name, "boot/vmlinuz-7.2")).equals(image)).toBe(true);
  expect(readdirSync(room)).toEqual([name]);
});

test.each([
  ["the end of the connection", "CONNECTION_LOST", [{ kind: "file", path: "boot/vmlinuz" }]],
  ["another kernel", "KERNEL_NOT_COPIED", [{ kind: "kernel", name: name.replace("0", "1") }]],
  ["a file outside", "KERNEL_NOT_COPIED", [{ kind: "file", path: "../../outside" }]],
  ["a file with no name", "KERNEL_NOT_COPIED", [{ kind: "file", path: "" }]],
  [
    "a file twice",
    "KERNEL_NOT_COPIED",
    [
      { kind: "file", path: "a" },
      { kind: "file", path: "a" },
    ],
  ],
  ["bytes of no file", "KERNEL_NOT_COPIED", [{ kind: "chunk" }]],
])("%s leaves nothing of a kernel", async (_, code, heads) => {
  const stream = new PassThrough();
  const { send } = frameWriter(stream);
  stream.write(`${OPENING}\n`);
  await send({ kind: "kernel", name });
  for (const head of heads) await send(head, Buffer.from("x"));
  stream.end();
  await expect(receiveKernel(readFrames(stream), room, name)).rejects.toMatchObject({ code });
  expect(readdirSync(room)).toEqual([]);
  expect(readdirSync(place)).toEqual(["room"]);
});
