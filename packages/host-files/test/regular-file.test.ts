import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, readSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkRegular, openRegular, readRegular, readRegularText } from "../src/index.js";
import { failure, scratch } from "./scratch.js";

test("A file is read, also through a link", () => {
  const file = join(scratch(), "file");
  writeFileSync(file, "é\n");
  symlinkSync(file, `${file}.link`);
  expect(readRegularText(`${file}.link`)).toBe("é\n");
  expect(readRegularText(file, { encoding: "latin1" })).toBe("Ã©\n");
  const descriptor = openRegular(file);
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, 0);
  closeSync(descriptor);
  expect(byte[0]).toBe(0xc3);
  checkRegular(file);
  checkRegular(`${file}.absent`);
});

test("A FIFO, a device, a socket and a directory are errors at once, also behind a link", async () => {
  const directory = scratch();
  const fifo = join(directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  symlinkSync(fifo, join(directory, "link"));
  mkdirSync(join(directory, "directory"));
  const socket = join(directory, "socket");
  const server = createServer().listen(socket);
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const cases = [
    [fifo, "a FIFO"],
    [join(directory, "link"), "a FIFO"],
    ["/dev/zero", "a device"],
    [socket, "a socket"],
    [join(directory, "directory"), "a directory"],
  ] as const;
  for (const [path, kind] of cases) {
    for (const read of [openRegular, readRegular, readRegularText, checkRegular]) {
      expect(failure(() => read(path))).toMatchObject({
        code: "NOT_A_FILE",
        message: `${kind} where a file is expected: ${path}`,
        syscall: "open",
        path,
      });
    }
  }
});

test("A file that is absent has Node's own error, and one that is too large says the limit", () => {
  const file = join(scratch(), "file");
  expect(failure(() => readRegular(file)).code).toBe("ENOENT");
  writeFileSync(file, "");
  truncateSync(file, 2 ** 40);
  expect(failure(() => readRegular(file))).toMatchObject({
    code: "FILE_TOO_LARGE",
    message: `1048576 MiB where at most 256 MiB are read: ${file}`,
  });
  expect(failure(() => readRegular(file, { maxBytes: 1 << 20 })).message).toContain("at most 1 MiB");
});
