import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { viewScript } from "../../src/guest-asset.js";
import { parseMountPoints } from "../../src/share/mount-points.js";
import { renderMountTable } from "../../src/share/mount-table.js";

let directory: string;
beforeEach(() => void (directory = realpathSync(mkdtempSync(join(tmpdir(), "vm-mounts-")))));
afterEach(() => rmSync(directory, { recursive: true }));

/** Blanks of C, blanks of Unicode, letters whose bytes are blanks in Latin-1, and what escapes are made of. */
const LETTERS = Array.from(
  "a \t\n\v\f\r\\#04é\"'à\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff😀",
);
const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 20,
});

test("findmnt reads every target as it was", () => {
  const file = join(directory, "fstab");
  fc.assert(
    fc.property(names, (all) => {
      const mounts = all.map((each) => ({
        source: "none",
        target: `/x${each}x`,
        type: "tmpfs",
        options: "ro",
      }));
      writeFileSync(file, renderMountTable(mounts));
      const { stdout } = spawnSync("findmnt", ["--tab-file", file, "--json", "--output", "TARGET"], {
        encoding: "utf8",
      });
      const found: unknown = JSON.parse(stdout);
      expect(found).toEqual({ filesystems: mounts.map(({ target }) => ({ target })) });
    }),
    { numRuns: 20 },
  );
});

test("mount mounts on every name, and the names are read back from the kernel's list, here and in the scripts", () => {
  fc.assert(
    fc.property(names, (all) => {
      const targets = all.map((each) => join(directory, `x${each}x`));
      for (const target of targets) mkdirSync(target, { recursive: true });
      const table = renderMountTable(
        targets.map((target) => ({ source: "vm-test", target, type: "tmpfs", options: "size=4k" })),
      );
      const file = join(directory, "table");
      writeFileSync(file, table);
      const script = `mount -n -c -a -T "$1" && cat /proc/self/mountinfo && . "$2" && while read -r _ target _; do
        printf '%s\\0' "$(unescape "$target.")" >&2; done <"$1"`;
      const hide = join(dirname(viewScript()), "vm-hide");
      const words = ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", file, hide];
      const { stdout, stderr, status } = spawnSync("unshare", words, { encoding: "latin1" });
      expect({ status, stderr: Buffer.from(stderr, "latin1").toString() }).toEqual({
        status: 0,
        stderr: targets.map((target) => `${target}.\0`).join(""),
      });
      const mounted = parseMountPoints(stdout).filter(({ path }) => targets.includes(path));
      expect(mounted).toEqual(
        targets.map((path) => ({ path, root: "/", device: expect.stringMatching(/^0:\d+$/), type: "tmpfs" })),
      );
    }),
    { numRuns: 10 },
  );
});
