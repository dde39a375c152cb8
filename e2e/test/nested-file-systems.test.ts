import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, lastingWords, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

/** Two file systems whose files have the same inode numbers, below the guest's root and in shared directories. */

let kernel: KernelFixture;
let home: VmHome;
let work: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  work = mkdtempSync("/tmp/vm-nested-");
  for (const directory of ["one", "two", "shared/one", "shared/two"])
    mkdirSync(join(work, directory), { recursive: true });
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

/** Mounts in a namespace of its own: each file has a second link, so programs that copy look for files seen before. */
const MOUNTS = `
  for place in one two shared/one shared/two; do
    mount -t tmpfs none "$0/$place" && cd "$0/$place" && echo "$place" >file && ln file link || exit
  done
  exec "$@"
`;

const IN_GUEST = `
  look() {
    cd "$1" && cat one/file two/file
    [ "$(stat -c %i one/file)" = "$(stat -c %i two/file)" ] && [ "$(stat -c %d one/file)" = "$(stat -c %d two/file)" ] && echo same
    find . -samefile one/file | sort | xargs
    tar -cf - one two | tar -tvf - | grep -c ' link to '
    cp -a . "/tmp/copy$2" && cat "/tmp/copy$2/two/link"
    find . -type f -links 2 | wc -l
  }
  look "$WORK"; look "$WORK/shared" 2
  echo guest >"$WORK/one/file" && cat "$WORK/one/file" "$WORK/two/file"; echo new >"$WORK/shared/two/new"
`;

async function vm(share: string): Promise<Outcome> {
  const command = `WORK='${work}'; ${IN_GUEST}`;
  const run = home.vm(
    "run",
    "-k",
    kernel.build,
    "--share",
    share,
    "--rw",
    join(work, "shared"),
    "--exec",
    command,
  );
  const env = { ...home.env, VM_ACCEL: "tcg", VM_CACHE_HOME: join(work, "cache") };
  return await runProgram(["unshare", "--mount", "sh", "-c", MOUNTS, work, ...run], { env, cwd: "/" });
}

/** What `look` prints. */
function seen(prefix: string, links: number): string {
  return `${prefix}one\n${prefix}two\n./one/file ./one/link\n2\n${prefix}two\n${links}\n`;
}

test.each(["9p", "virtiofs"])("over %s files of two file systems are never taken for one", async (share) => {
  const { status, stdout, stderr } = await vm(share);
  expect({ status, stderr: lastingWords(stderr) }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toBe(`${seen("", 8)}${seen("shared/", 4)}guest\ntwo\n`);
});
