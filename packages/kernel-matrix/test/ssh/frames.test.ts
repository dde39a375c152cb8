import { PassThrough, Readable } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { frameWriter, OPENING, readFrames, type Frame } from "../../src/ssh/frames.js";

async function framesOf(chunks: readonly Uint8Array[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(Readable.from(chunks))) frames.push(frame);
  return frames;
}

/** What a writer says of these frames. */
async function written(frames: readonly Frame[]): Promise<Buffer> {
  const stream = new PassThrough({ highWaterMark: 1 << 30 });
  const writer = frameWriter(stream);
  for (const { head, body } of frames) await writer.send(head, body);
  stream.end();
  return Buffer.concat(await stream.toArray());
}

test("frames arrive as they were sent, however they are cut, whatever a shell has said before", async () => {
  const frame = fc.record({
    head: fc.record({ kind: fc.string(), message: fc.string() }),
    body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 5 }),
      fc.array(fc.nat(200), { maxLength: 8 }),
      fc.constantFrom("", "Welcome!\n", "no end of line: vm-cells 1\n", "\n\n"),
      async (frames, cuts, noise) => {
        const all = Buffer.concat([Buffer.from(`${noise}${OPENING}\n`), await written(frames)]);
        const places = [0, ...cuts.toSorted((a, b) => a - b), all.length];
        const chunks = places.slice(1).map((end, index) => all.subarray(places[index], end));
        const read = await framesOf(chunks);
        expect(read.map(({ head: { kind, message }, body }) => ({ head: { kind, message }, body }))).toEqual(
          frames,
        );
      },
    ),
  );
});

test.each([
  ["a message that was cut off", '{"kind":"answer","bytes":9}\nabc'],
  ["a line that was cut off", '{"kind":"be'],
  ["what is no JSON", "kind: beat\n"],
  ["what has no kind", '{"kin":"beat"}\n'],
  ["a size that is none", '{"kind":"answer","bytes":-1}\n'],
  ["a size past all reason", '{"kind":"answer","bytes":99999999999}\n'],
])("%s is no message", async (_, text) => {
  await expect(framesOf([Buffer.from(`${OPENING}\n${text}`)])).rejects.toMatchObject({
    code: "CONNECTION_GARBLED",
  });
});

test("a stream that never opens has no messages, and one with endless noise is refused", async () => {
  expect(await framesOf([Buffer.from("This account is not available.\n")])).toEqual([]);
  await expect(framesOf([Buffer.alloc(2 << 20, "x")])).rejects.toMatchObject({ code: "CONNECTION_GARBLED" });
});

test("what never opens is not listened to for ever", async () => {
  const chunk = Buffer.from("y\n".repeat(1 << 16));
  await expect(framesOf(Array.from({ length: 9 }, () => chunk))).rejects.toMatchObject({
    code: "CONNECTION_GARBLED",
  });
});
