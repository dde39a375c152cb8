import { realpathSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkApplets, findBusybox } from "../src/busybox.js";
import { put, temporaryDirectory } from "./temporary-directory.js";

const host = realpathSync("/bin/busybox");

test("the static busybox of the host is found, whatever PATH says", () => {
  expect(findBusybox("x86_64", { path: "" })).toBe(host);
  expect(findBusybox("x86_64", { path: "relative:/nowhere:/etc/passwd" })).toBe(host);
  expect(() => checkApplets(host)).not.toThrow();
});

test("a busybox in PATH that is no use is passed over for one that is", () => {
  const directory = temporaryDirectory();
  put(directory, "busybox", "#!/bin/sh\n");
  expect(findBusybox("x86_64", { path: directory })).toBe(host);
});

test("a dynamic one, a missing one and one of another architecture are told apart, with the package to install", () => {
  const install = expect.stringContaining("apt-get install busybox-static");
  expect(find("x86_64", "/bin/sh")).toThrow(
    expect.objectContaining({ code: "BUSYBOX_DYNAMIC", hint: install }),
  );
  expect(find("x86_64", "/nowhere/busybox")).toThrow(
    expect.objectContaining({
      code: "BUSYBOX_MISSING",
      hint: install,
      message: expect.stringContaining("/nowhere/busybox"),
    }),
  );
  expect(find("x86_64", put(temporaryDirectory(), "text", "no program"))).toThrow(
    expect.objectContaining({ code: "BUSYBOX_MISSING" }),
  );
  expect(find("aarch64", host)).toThrow(
    expect.objectContaining({
      code: "BUSYBOX_WRONG_ARCH",
      hint: expect.stringContaining("busybox-static:arm64"),
    }),
  );
});

test("for a kernel of another architecture it is the one in the guest's root", () => {
  const root = temporaryDirectory();
  const lookup = { root, path: "" };
  expect(() => findBusybox("s390x", lookup)).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/--busybox.*--root.*busybox-static:s390x/) }),
  );
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02\x02", "latin1");
  head.writeUInt16BE(22, 18);
  const file = put(root, "usr/bin/busybox", head);
  expect(findBusybox("s390x", lookup)).toBe(realpathSync(file));
  expect(findBusybox("x86_64", lookup)).toBe(host);
});

test("a busybox without what init uses is refused, with what it lacks", () => {
  const file = put(temporaryDirectory(), "busybox", "");
  expect(() => checkApplets(file)).not.toThrow();
  expect(() => checkApplets(realpathSync("/bin/true"))).toThrow(
    expect.objectContaining({ code: "BUSYBOX_INCOMPLETE", message: expect.stringContaining("switch_root") }),
  );
  expect(() => checkApplets(join(temporaryDirectory(), "nowhere"))).not.toThrow();
});

function find(arch: string, busybox: string): () => string {
  return () => findBusybox(arch, { busybox });
}
