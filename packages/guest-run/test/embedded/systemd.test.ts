import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findSystemd } from "../../src/embedded/systemd.js";

test("systemd is found in a root of either layout, and missed with what to do", () => {
  const root = mkdtempSync(join(tmpdir(), "vm-systemd-"));
  try {
    expect(() => findSystemd(root)).toThrow(
      expect.objectContaining({ code: "ROOT_UNUSABLE", hint: expect.stringContaining("--systemd") }),
    );
    mkdirSync(join(root, "lib/systemd"), { recursive: true });
    writeFileSync(join(root, "lib/systemd/systemd"), "");
    expect(findSystemd(root)).toBe("/lib/systemd/systemd");
    mkdirSync(join(root, "usr/lib/systemd"), { recursive: true });
    writeFileSync(join(root, "usr/lib/systemd/systemd"), "");
    expect(findSystemd(root)).toBe("/usr/lib/systemd/systemd");
  } finally {
    rmSync(root, { recursive: true });
  }
});
