import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readUserConfig } from "../src/index.js";
import { homeWith, rejection, requirePackage, scratchDirectory } from "./scratch.js";

const { loadConfig } = requirePackage();

test.each(["", "vm.mjs"])(
  "a config module of another user is not run, nor one in their directory (%s)",
  async (path) => {
    const ran = join(scratchDirectory(), "ran");
    const home = homeWith(
      "TestVM",
      `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(ran)}, "");
     export const kernelCmdline = []; export const qemuOptions = [];`,
    );
    chownSync(join(home, "TestVM", path), 4711, 4711);
    const error = await rejection(loadConfig({ home, name: "TestVM" }));
    expect(error).toMatchObject({ code: "CONFIG_UNTRUSTED", message: expect.stringContaining("uid 4711") });
    expect(existsSync(ran)).toBe(false);
    chownSync(join(home, "TestVM", path), process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    expect(await loadConfig({ home, name: "TestVM" })).toMatchObject({ name: "TestVM" });
    expect(existsSync(ran)).toBe(true);
  },
);

test.each([
  ["", 0o777],
  ["TestVM", 0o777],
  ["TestVM", 0o775],
  ["TestVM/vm.mjs", 0o666],
  ["TestVM/vm.mjs", 0o664],
])("a config module that others can write (%s, %o) is not run", async (path, mode) => {
  const home = homeWith("TestVM", "export const kernelCmdline = []; export const qemuOptions = [];");
  const place = join(home, path);
  // A group of its own is a person's own.
  chmodSync(place, mode & ~0o002);
  expect(await loadConfig({ home, name: "TestVM" })).toMatchObject({ name: "TestVM" });
  chmodSync(place, mode);
  if ((mode & 0o002) === 0) chownSync(place, process.getuid?.() ?? 0, 4711);
  expect(await rejection(loadConfig({ home, name: "TestVM" }))).toMatchObject({
    code: "CONFIG_UNTRUSTED",
    message: expect.stringContaining(`other users can write to ${place}`),
  });
});

test("a FIFO in the place of a config module is an error, and no hang", async () => {
  const home = homeWith("TestVM", "");
  rmSync(join(home, "TestVM/vm.mjs"));
  execFileSync("mkfifo", [join(home, "TestVM/vm.mjs")]);
  expect(await rejection(loadConfig({ home, name: "TestVM" }))).toMatchObject({
    code: "CONFIG_UNREADABLE",
    message: expect.stringContaining("a FIFO where a file is expected"),
  });
});

test("a person's configuration that is another user's, or a FIFO, is refused", () => {
  const base = scratchDirectory();
  const env = { XDG_CONFIG_HOME: base };
  const file = join(base, "vm/config.json");
  mkdirSync(join(base, "vm"));
  writeFileSync(file, '{"home": "/srv/vms"}');
  expect(readUserConfig({ env })).toEqual({ home: "/srv/vms" });
  chmodSync(file, 0o666);
  expect(() => readUserConfig({ env })).toThrow(expect.objectContaining({ code: "USER_CONFIG_UNTRUSTED" }));
  chmodSync(file, 0o644);
  chownSync(file, 4711, 4711);
  expect(() => readUserConfig({ env })).toThrow(expect.objectContaining({ code: "USER_CONFIG_UNTRUSTED" }));
  expect(readUserConfig({ env: { ...env, SUDO_UID: "4711" } })).toEqual({ home: "/srv/vms" });
  rmSync(file);
  execFileSync("mkfifo", [file]);
  expect(() => readUserConfig({ env })).toThrow(expect.objectContaining({ code: "USER_CONFIG_UNREADABLE" }));
});
