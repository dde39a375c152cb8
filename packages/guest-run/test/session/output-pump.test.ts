import { PassThrough, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { isReaderGone } from "../../src/session/output-sink.js";
import { pumpOutput } from "../../src/session/output-pump.js";

const mark = "\u001emark\u001e";

function failing(code: string, afterBytes: number): Writable {
  let taken = 0;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      taken += chunk.length;
      done(taken > afterBytes ? Object.assign(new Error(`${code}: it failed, write`), { code }) : null);
    },
  });
}

function pump(target: Writable): {
  source: PassThrough;
  closedBy: Error[];
  completed: () => number;
  output: ReturnType<typeof pumpOutput>;
} {
  const source = new PassThrough();
  const closedBy: Error[] = [];
  let complete = 0;
  const output = pumpOutput({
    source,
    target,
    mark,
    onComplete: () => (complete += 1),
    onClosed: (error) => closedBy.push(error),
  });
  return { source, closedBy, completed: () => complete, output };
}

test.each(["ENOSPC", "EIO", "EDQUOT", "EFBIG", "EPIPE"])(
  "a target that fails with %s is told of once, and the rest is read and dropped",
  async (code) => {
    const { source, closedBy, output } = pump(failing(code, 3));
    source.write("four");
    source.write("more");
    await turn();
    source.write("and more");
    await output.finish();
    await turn();
    expect(closedBy).toMatchObject([{ code }]);
    expect(output.complete).toBe(true);
    expect(source.readableLength).toBe(0);
    expect(closedBy.map(isReaderGone)).toEqual([code === "EPIPE"]);
  },
);

test("an error of the very last bytes is seen: the end waits until they are written", async () => {
  let fail: (() => void) | undefined;
  const slow = new Writable({
    write(_chunk, _encoding, done) {
      fail = () => done(Object.assign(new Error("ENOSPC: no space, write"), { code: "ENOSPC" }));
    },
  });
  const { source, closedBy, completed, output } = pump(slow);
  source.write(`all${mark}`);
  await turn();
  expect([completed(), closedBy.length]).toEqual([1, 0]);
  const end = output.finish();
  fail?.();
  await end;
  expect(closedBy).toMatchObject([{ code: "ENOSPC" }]);
});

test("a slow target gets all of it, and holds the guest back meanwhile", async () => {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  let isFree = false;
  const slow = new Writable({
    highWaterMark: 2,
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk.toString());
      if (isFree) done();
      else waiting.push(done);
    },
  });
  const { source, output } = pump(slow);
  source.write("abc");
  await turn();
  expect(output.pace).toBe("full");
  source.write(`def${mark}`);
  await turn();
  expect([output.complete, taken]).toEqual([false, ["abc"]]);
  isFree = true;
  for (const done of waiting) done();
  while (!output.complete) await turn();
  await output.finish();
  expect(taken.join("")).toBe("abcdef");
  expect(slow.listenerCount("error")).toBe(0);
});

test("a target that takes nothing is waited for no longer once the run is given up", async () => {
  const stuck = new Writable({ highWaterMark: 1, write() {} });
  const { source, output, closedBy } = pump(stuck);
  source.write("abc");
  await turn();
  const end = output.finish();
  output.drop();
  await end;
  source.write("def");
  await turn();
  expect(closedBy).toEqual([]);
  expect(source.readableLength).toBe(0);
});
