import { expect, test } from "vitest";
import { nearestName } from "@vm/command-plan";
import { checkVmName } from "../src/index.js";

test.each([
  "TestVM",
  "a b",
  "a,b",
  `it's "quoted"`,
  "ünïcödé",
  "日本",
  "a.b",
  "a-b",
  "x=y:z",
  "$HOME",
  "👩‍💻",
  "a".repeat(128),
])("%j can be the name of a VM", (name) => {
  expect(() => checkVmName(name)).not.toThrow();
});

test.each([
  ["", "it is empty"],
  ["a/b", "it is a path"],
  ["/", "it is a path"],
  ["..", "it begins with a dot"],
  [".hidden", "it begins with a dot"],
  ["-rf", "it begins with a dash"],
  ["a\nb", "it has a control character"],
  ["a\0b", "it has a control character"],
  ["a\u007f", "it has a control character"],
  ["evil\u202egnp", "it has a control character"],
  ["lone\ud800", "it has a control character"],
  ["not\ufffdutf8", "it is not valid UTF-8"],
  [" a", "it begins or ends with a space"],
  ["   ", "it begins or ends with a space"],
  ["a".repeat(129), "it is 129 bytes long, more than 128"],
  ["ü".repeat(65), "it is 130 bytes long, more than 128"],
])("%j cannot be the name of a VM: %s", (name, reason) => {
  expect(() => checkVmName(name)).toThrow(reason);
});

test("the nearest name is the one with a slip of the finger, or none", () => {
  expect(nearestName("TsetVM", ["other", "TestVM"])).toBe("TestVM");
  expect(nearestName("testvm", ["TestVM"])).toBe("TestVM");
  expect(nearestName("kernelCmdLine", ["qemuOptions", "kernelCmdline"])).toBe("kernelCmdline");
  expect(nearestName("qemu_options", ["qemuOptions", "kernelCmdline"])).toBe("qemuOptions");
  expect(nearestName("xyz", ["TestVM"])).toBeUndefined();
  expect(nearestName("", ["a"])).toBeUndefined();
});
