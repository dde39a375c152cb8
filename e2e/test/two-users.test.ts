import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { noProcessNames } from "../guest/processes.js";
import { runProgram } from "../guest/vm-home.js";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Another user's name space may not reach the checkout or the kernel, which may be below a home: both are seen elsewhere. */
const SCRIPT = `set -eu
directory=$1
mount --bind "$2" repository; mount --bind "$3" kernel; mount --bind "$4" node
vm() { # USER HOME WORDS
  user=$1 home=$2
  shift 2
  setpriv --reuid="$user" --regid="$user" --clear-groups env -u XDG_RUNTIME_DIR HOME="$directory/$user" VM_HOME="$directory/$home" \\
    XDG_CONFIG_HOME="$directory/$user" TMPDIR="$directory/tmp" VM_ACCEL=tcg "$directory/node/node" "$directory/repository/apps/cli/bin/vm.cjs" "$@"
}
for user in 0 65534; do
  mkdir "$user"
  chown "$user:$user" "$user"
  vm "$user" "$user/vm" create -s 1G same
done
first() { vm 0 0/vm "$@"; }
second() { vm 65534 65534/vm "$@"; }
trap '{ first stop --all --force; second stop --all --force; } >/dev/null 2>&1' EXIT
first start -k kernel --name guest & one=$!
second start -k kernel --name guest & two=$!
wait $one; wait $two
exec 2>&1
echo "first: $(first list -q | paste -sd ' ')"
echo "second: $(second list -q | paste -sd ' ')"
first exec guest sh -c 'echo of the first >/run/whose'
second exec guest sh -c 'echo of the second >/run/whose'
first exec guest cat /run/whose
second exec guest cat /run/whose
vm 65534 0/vm list -q
vm 65534 0/vm exec guest true || echo "status $?"
vm 65534 0/vm stop guest || echo "status $?"
vm 0 65534/vm exec guest true || echo "status $?"
vm 0 65534/vm run same -n || echo "status $?"
second stop --quiet guest
first exec guest cat /run/whose
first stop --quiet guest
`;

test("two users with a guest of the same name each have their own, and neither reaches the other's", async () => {
  const { build } = await kernelFixture();
  const directory = mkdtempSync(join(tmpdir(), "vm-users-"));
  try {
    for (const room of ["repository", "kernel", "node", "tmp"]) mkdirSync(join(directory, room));
    await runProgram(["chmod", "755", directory]);
    await runProgram(["chmod", "1777", join(directory, "tmp")]);
    const words = [directory, REPOSITORY, build, dirname(process.execPath)];
    const asRoot = userInfo().uid === 0 ? [] : ["--map-auto", "--map-root-user"];
    const { stdout, stderr } = await runProgram(
      ["unshare", "--mount", ...asRoot, "sh", "-c", SCRIPT, "sh", ...words],
      { cwd: directory },
    );
    expect([stdout.replaceAll(directory, "/D"), stderr]).toEqual([
      `first: guest same
second: guest same
of the first
of the second
same
vm: no guest named guest is running
vm:   Start one: vm start guest, or a shell: vm run -k KERNEL
status 249
vm: there is no VM "guest", and no guest of that name runs
vm:   vm list shows them.
status 1
vm: no guest named guest is running
vm:   Start one: vm start guest, or a shell: vm run -k KERNEL
status 249
vm: same/vm.mjs: /D/65534/vm belongs to another user (uid 65534)
vm:   A config module is a program: read it, and copy the directory to make it your own.
status 1
of the first
`,
      expect.any(String),
    ]);
  } finally {
    await noProcessNames(directory);
    rmSync(directory, { recursive: true, force: true });
  }
});
