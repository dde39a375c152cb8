import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findVirtiofsd } from "@vm/guest-run";

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "vm-virtiofsd-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function program(version: string): string {
  const path = join(directory, "virtiofsd");
  writeFileSync(path, `#!/bin/sh\necho '${version}'\n`);
  chmodSync(path, 0o755);
  return path;
}

test.each([
  ["virtiofsd version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c) 2003-2022 Fabrice Bellard", "c"],
  ["virtiofsd backend 1.6.0", "rust"],
  ["virtiofsd 1.13.2", "rust"],
])("what says %j of its version has the options of the one in %s", (version, kind) => {
  const path = program(version);
  expect(findVirtiofsd({ PATH: `${directory}:${process.env["PATH"]}` })).toEqual({ path, kind });
});

test("busybox in the place of util-linux cannot run it", () => {
  program("virtiofsd 1.13.2");
  symlinkSync("/bin/busybox", join(directory, "setpriv"));
  expect(() => findVirtiofsd({ PATH: `${directory}:${process.env["PATH"]}` })).toThrow(
    expect.objectContaining({ code: "VIRTIOFS_UNUSABLE", message: expect.stringContaining("setpriv") }),
  );
});
