import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Share } from "@vm/guest-run";
import { orderShares } from "../../src/embedded/shares.js";

let work: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), "vm-order-")));
  mkdirSync(join(work, "a/b/c"), { recursive: true });
  symlinkSync("a/b", join(work, "link"));
});
afterEach(() => rmSync(work, { recursive: true }));

function named(path: string, access: Share["access"]): Share {
  return { path: join(work, path), access };
}

test("a directory is mounted before what is in it, in whatever order and by whatever name they are given", () => {
  const shares = [named("link/c", "read-only"), named("link", "read-write"), named("a", "read-only")];
  const expected = [shares[2], shares[1], shares[0]];
  expect(orderShares(shares)).toEqual(expected);
  expect(orderShares(shares.toReversed())).toEqual(expected);
  expect(orderShares([named("a/b", "read-only"), named("link", "read-only")])).toHaveLength(1);
  expect(() => orderShares([named("a/b", "read-only"), named("link", "read-write")])).toThrow(
    expect.objectContaining({ code: "SHARES_CONFLICT" }),
  );
});
