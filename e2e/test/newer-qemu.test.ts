import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { inWorld } from "../guest/world.js";

/** What packages/qemu-argv/test asks of the QEMU that is installed: its own tests ask this machine's. */
const ASKED = [
  "flag-table",
  "live-lines",
  "live-properties",
  "path-places",
  "path-rebase",
  "qemu-understands",
  "shared-memory",
];

test.each(["trixie", "sid"] as const)(
  "@vm/qemu-argv knows the flags, implied keys and paths of the QEMU of %s, and understands its options as that one does",
  async (world) => {
    const files = ASKED.map((name) => `test/${name}.test.ts`).join(" ");
    const ended = await inWorld(
      world,
      `cd /srv/vm/packages/qemu-argv
       NO_COLOR=1 node ../../node_modules/vitest/vitest.mjs run --config ../../vitest.config.ts --root . ${files}`,
    );
    const { status, stderr } = ended;
    const stdout = stripVTControlCharacters(ended.stdout);
    expect({
      status,
      failed: stdout.match(/.*(?:FAIL|×).*/g) ?? [],
      stderr: status === 0 ? "" : stderr,
    }).toEqual({
      status: 0,
      failed: [],
      stderr: "",
    });
    expect(stdout).toContain(`Test Files  ${ASKED.length} passed (${ASKED.length})`);
  },
);
