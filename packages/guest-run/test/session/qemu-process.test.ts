import { getDefaultHighWaterMark, PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { startQemu } from "../../src/session/qemu-process.js";

const request = { cwd: "/", env: process.env, channels: ["console", "status"] } as const;

test("the sockets of a QEMU are read no further than they are wanted, and no other stream is touched", async () => {
  const before = getDefaultHighWaterMark(false);
  const qemu = startQemu({ ...request, argv: ["/bin/sh", "-c", "printf console >&3; printf status >&4"] });
  expect(getDefaultHighWaterMark(false)).toBe(before);
  expect(new PassThrough().readableHighWaterMark).toBe(before);
  expect([...qemu.channels.values()].map((socket) => socket.readableHighWaterMark)).toEqual([1, 1]);
  const said: string[] = [];
  for (const socket of qemu.channels.values())
    socket.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  expect(await qemu.end).toMatchObject({ code: 0, signal: null, error: null });
  expect(said.toSorted()).toEqual(["console", "status"]);
});

test("a program that cannot be started at all changes nothing either", async () => {
  const before = getDefaultHighWaterMark(false);
  // Node refuses a NUL byte in an argument before it starts anything.
  const qemu = startQemu({ ...request, argv: ["/bin/sh", "-c", "\0"] });
  expect(getDefaultHighWaterMark(false)).toBe(before);
  expect(await qemu.end).toMatchObject({ code: null, error: expect.any(Error) });
  expect(qemu.channels.size).toBe(0);
});
