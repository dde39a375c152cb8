import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { lastingWords } from "../guest/vm-home.js";
import { debianKernel } from "../fixtures/debian-kernel.mjs";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { WORLDS, type World, worldRoot } from "../fixtures/world.mjs";
import { asPerson, inWorld, VM_THERE } from "../guest/world.js";

/** A kernel that every world runs: `path` is what `-k` takes on this machine. */
interface WorldKernel {
  readonly release: string;
  readonly path: string;
}

const COMPILED = "a build tree of 7.2";
const OLDEST = "Debian's 5.10";
const NAMES = [COMPILED, "Debian's 6.1", "Debian's 6.12", "Debian's 7.2"] as const;
type KernelName = (typeof NAMES)[number] | typeof OLDEST;

/** The one that is compiled here, and Debian's, unpacked: those have nearly everything as modules. */
let kernels: Readonly<Record<KernelName, WorldKernel>>;

beforeAll(async () => {
  const [compiled, oldest, old, stable, newest] = await Promise.all([
    kernelFixture(),
    debianKernel({ flavour: "amd64", suite: "bullseye" }),
    debianKernel({ flavour: "amd64", suite: "bookworm" }),
    debianKernel({ flavour: "amd64", suite: "trixie" }),
    debianKernel({ flavour: "amd64", suite: "sid" }),
    worldRoot("trixie"),
    worldRoot("sid"),
  ]);
  kernels = {
    [COMPILED]: { release: compiled.release, path: compiled.build },
    [OLDEST]: { release: oldest.release, path: oldest.root },
    "Debian's 6.1": { release: old.release, path: old.root },
    "Debian's 6.12": { release: stable.release, path: stable.root },
    "Debian's 7.2": { release: newest.release, path: newest.root },
  };
});

/** What a world's systemd says of its version, as far as the world says which one it is. */
const SYSTEMD: Readonly<Record<World, RegExp>> = {
  "this machine": /^systemd \d+ /,
  trixie: /^systemd 257 /,
  sid: /^systemd (2[6-9]|[3-9]\d)\d /,
};

type Share = "9p" | "virtiofs";

/**
 * Two file systems below /mnt in which files have the same inode numbers (a tmpfs counts from one), each with two names: an
 * archive of both has two hard links, and a guest that takes them for one file system makes it three. File systems that are covered by
 * another one, with one in them. And a file that only root may read.
 */
const FURNISH = `set -eu
for name in one two; do
  mkdir /mnt/$name
  mount -t tmpfs -o mode=777 $name /mnt/$name
  echo "in $name" > /mnt/$name/file
  ln /mnt/$name/file /mnt/$name/second
done
[ "$(stat -c %i /mnt/one/file)" = "$(stat -c %i /mnt/two/file)" ]
mkdir /mnt/under
for name in lowest middle top; do
  mount -t tmpfs $name /mnt/under
  mkdir /mnt/under/deep
  [ $name = top ] || mount -t tmpfs $name /mnt/under/deep
done
echo "on top" > /mnt/under/file
(umask 077; echo secret > /srv/secret)
`;

/** In the guest: its own /proc, /sys and /dev: those of the host, seen through the share, would be of overlayfs' or the share's type. */
const OWN = "stat -f -c %T /proc /sys /dev; cat /proc/sys/kernel/osrelease";
const OWN_LINES = ["proc", "sysfs", "tmpfs"] as const;

/** In the guest: which device the root came by, a module, both file systems, and a change to them. */
const CHECK = `uname -r
${OWN}
cat /etc/debian_version
for driver in 9pnet_virtio virtiofs; do
  for device in /sys/bus/virtio/drivers/$driver/virtio*; do [ ! -e "$device" ] || echo $driver; done
done | sort -u
modprobe dummy && grep -o "^dummy " /proc/modules
cat /mnt/one/file /mnt/two/file /mnt/under/file
cd /mnt && tar --sort=name -cf /tmp/archive one two && tar -tvf /tmp/archive | grep -o "[^ ]* link to .*"
echo changed > /mnt/one/file && cat /mnt/one/file
perl -e "for (@ARGV) { print \\$_, sysopen(F, \\$_, 020200002, 0600) ? qq( takes a file with no name\\n) : qq( \\$!\\n) }" /tmp /var/tmp
cat /srv/secret 2> /dev/null || echo no secret
exit 7
`;

type Person = "root" | "a plain user";

/** What is said where the world's setpriv cannot hide what is secret from an ordinary user's guest: Debian 12's, over 9p. */
function expectedWarning(world: World, share: Share, person: Person): unknown {
  if (world !== "this machine" || share !== "9p" || person === "root") return "";
  if (execFileSync("setpriv", ["--help"], { encoding: "utf8" }).includes("--landlock-access")) return "";
  return expect.stringMatching(/^vm: warning: the guest can read what you can, .* This is said once\.\n$/);
}

/** Runs CHECK on the kernel, and shows its answer between what the host has before and after. */
function checkRun(share: Share, person: Person): string {
  const command = `${VM_THERE} run -k /srv/kernel --accel tcg --share ${share} --exec '${CHECK}'`;
  return `${FURNISH}
cat /etc/debian_version
status=0
${person === "root" ? command : asPerson(command)} || status=$?
echo "status $status"
cat /mnt/one/file
`;
}

/** What that prints in a world whose Debian calls itself `version`. */
function expectedAnswer(
  share: Share,
  {
    version,
    release,
    person,
  }: { readonly version: string; readonly release: string; readonly person: Person },
): string[] {
  const guest = [
    release,
    ...OWN_LINES,
    release,
    version,
    share === "9p" ? "9pnet_virtio" : "virtiofs",
    "dummy ",
    "in one",
    "in two",
    "on top",
    "one/second link to one/file",
    "two/second link to two/file",
    "changed",
    "/tmp takes a file with no name",
    "/var/tmp takes a file with no name",
    person === "root" ? "secret" : "no secret",
  ];
  return [version, ...guest, "status 7", "in one", ""];
}

type Cell = readonly [World, KernelName, Share, Person];

const cells: readonly Cell[] = [
  ...WORLDS.flatMap((world) =>
    (["9p", "virtiofs"] as const).flatMap((share): Cell[] => [
      ...NAMES.map((kernel): Cell => [world, kernel, share, "root"]),
      [world, COMPILED, share, "a plain user"],
    ]),
  ),
  // Each world and each share once: what differs between worlds was seen with the others.
  ["this machine", OLDEST, "virtiofs", "root"],
  ["trixie", OLDEST, "virtiofs", "root"],
  ["sid", OLDEST, "9p", "root"],
];

test.each(cells)("on %s, %s over %s, as %s", async (world, name, share, person) => {
  const { release, path } = kernels[name];
  expect(name.split(" ")).toContain(/^\d+\.\d+/.exec(release)?.[0]);
  const { stdout, stderr } = await inWorld(world, checkRun(share, person), { files: { kernel: path } });
  const lines = stdout.split("\n");
  expect({ stderr: lastingWords(stderr), lines }).toEqual({
    stderr: expectedWarning(world, share, person),
    lines: expectedAnswer(share, { version: lines[0] ?? "", release, person }),
  });
});

test.each(WORLDS)("on %s, its own systemd is PID 1", async (world) => {
  const { release, path } = kernels[COMPILED];
  const command = `${OWN}; cat /proc/1/comm; systemctl --version | head -n 1; systemctl is-active basic.target; exit 7`;
  const script = `systemctl --version | head -n 1; ${VM_THERE} run -k /srv/kernel --accel tcg --systemd --exec '${command}'`;
  const { status, stdout, stderr } = await inWorld(world, script, { files: { kernel: path } });
  const [version] = stdout.split("\n");
  expect(version).toMatch(SYSTEMD[world]);
  expect({ status, stderr: lastingWords(stderr), stdout }).toEqual({
    status: 7,
    stderr: "",
    stdout: [version, ...OWN_LINES, release, "systemd", version, "active", ""].join("\n"),
  });
});
