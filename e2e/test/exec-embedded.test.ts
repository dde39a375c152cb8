import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { guestEnvironment } from "@vm/guest-run";
import { ensureModulesIndex, resolveKernel } from "@vm/kernel-build";
import { debianRoot } from "../fixtures/debian-root.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { execInGuest } from "../guest/exec-guest.js";

let kernel: KernelFixture;
let work: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  work = mkdtempSync(join(tmpdir(), "vm-embedded-"));
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Everything about a directory that a guest could have changed. */
function state(directory: string): string {
  return execFileSync("find", [directory, "-xdev", "-printf", "%p %y %m %u %g %s %T@ %l\\n"], {
    encoding: "utf8",
  });
}

test("the guest sees the host and can change nothing of it", async () => {
  const target = join(work, "target");
  mkdirSync(join(target, "directory"), { recursive: true });
  writeFileSync(join(target, "file"), "the host's\n");
  const before = [
    state(target),
    state("/etc"),
    readdirSync("/").toString(),
    readFileSync("/etc/passwd", "utf8"),
  ];
  const command = `
    cat ${target}/file
    rm -rf ${target}/file ${target}/directory /etc/passwd
    ls -A ${target} | wc -l
    echo guest > ${target}/new && echo guest > /etc/hostname && mkdir /of-the-guest && chmod 0 ${target} && chown 1:1 /etc && ln -s x /etc/link
    [ -e /etc/passwd ] || echo gone
    # The share itself, without the overlay.
    mkdir /mnt/share && mount -t 9p -o trans=virtio,version=9p2000.L,rw /dev/root /mnt/share || umount /mnt/share
    for root in /proc/1/root /mnt/share; do echo x > $root${target}/written; done
    mount -o remount,rw /
    # The host's disk is no device of the guest.
    mknod /tmp/disk b 8 0; cat /tmp/disk; mknod /tmp/disk b 254 0; cat /tmp/disk; ls /sys/block | grep -v loop | wc -l
    echo b > /proc/sysrq-trigger
  `;
  const { stdout, result } = await execInGuest(`{ ${command}\n} 2>/dev/null`, { cwd: target });
  expect(stdout.toString()).toMatch(/^the host's\n0\ngone\n/);
  expect(result.outcome).toMatchObject({ kind: "lost", by: "guest" });
  const after = [
    state(target),
    state("/etc"),
    readdirSync("/").toString(),
    readFileSync("/etc/passwd", "utf8"),
  ];
  expect(after).toEqual(before);
});

test("the guest is furnished: where, who, which names, devices, modules and network", async () => {
  const build = await resolveKernel(kernel.build, { cwd: "/" });
  const index = await ensureModulesIndex(build, { cacheDir: join(work, "cache") });
  const command = `
    pwd; id -u; echo "$HOME $A_VALUE"; uname -r; hostname
    readlink /dev/fd /dev/stdin; [ -c /dev/null ] && [ -d /dev/pts ] && [ -w /dev/shm ] && [ -w /run ] && [ -w /tmp ] && echo places
    modprobe dummy && modprobe --show-depends null_blk | tail -n 1 && grep -c ^dummy /proc/modules
    modinfo -F filename dummy
    ip -4 -o address show eth0 | grep -o '10.0.2.15/24'; ip -o address show lo | grep -o 127.0.0.1; cat /etc/resolv.conf
    unshare --user --map-root-user true && echo user namespace
    umask; cat /proc/self/mountinfo | grep -c ' / / '
  `;
  const { stdout, stderr, result } = await execInGuest(command, {
    cwd: work,
    environment: {
      PATH: process.env["PATH"] ?? "",
      HOME: "/home/of someone's",
      A_VALUE: 'it\'s "quoted" $HOME',
    },
    guest: {
      hostname: "embedded",
      network: "user",
      kernel: {
        image: build.image,
        arch: "x86_64",
        release: build.release,
        configFile: join(kernel.build, ".config"),
        tree: kernel.build,
        ...(index.state === "none" ? {} : { modulesIndex: index.directory }),
      },
    },
  });
  expect(stderr.toString()).toBe("");
  expect(stdout.toString().split("\n")).toEqual([
    work,
    "0",
    "/home/of someone's it's \"quoted\" $HOME",
    kernel.release,
    "embedded",
    "/proc/self/fd",
    expect.stringContaining("fd/0"),
    "places",
    expect.stringMatching(/^insmod \/lib\/modules\/.*\/null_blk.ko/),
    "1",
    `/lib/modules/${kernel.release}/kernel/drivers/net/dummy.ko`,
    "10.0.2.15/24",
    "127.0.0.1",
    "nameserver 10.0.2.3",
    "user namespace",
    "0022",
    "1",
    "",
  ]);
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
});

test("the guest is what a small complete system is: nodes that load modules, mounts, loopback, names, limits, accounts", async () => {
  const build = await resolveKernel(kernel.build, { cwd: "/" });
  const index = await ensureModulesIndex(build, { cacheDir: join(work, "cache") });
  const command = `
    grep -q '^loop ' /proc/modules || d=$(losetup -f) && grep -c '^loop ' /proc/modules
    stat -c '%a %G' /dev/loop-control /dev/null /dev/console /dev/pts/ptmx /run/lock /run/user/0 /run/vm-init
    wc -c </run/vm-init
    readlink /dev/core; cat </dev/stdin | wc -c
    for m in /sys/fs/bpf /dev/mqueue /sys/kernel/config /sys/kernel/security /sys/fs/cgroup; do findmnt -no FSTYPE $m; done
    ip -o address show lo | grep -o 127.0.0.1; ls /sys/class/net
    getent hosts $(hostname) >/dev/null && echo resolves; echo $XDG_RUNTIME_DIR
    ulimit -Hn; cat /proc/sys/net/ipv4/ping_group_range
    su nobody -s /bin/sh -c 'id -u; head -c 1 /etc/shadow || echo hidden'; grep -c ':[$]' /etc/shadow
    echo "\${LC_ALL-none}"; grep -c -e '-7ffffffff000.*stack' /proc/$$/maps; cat /proc/sys/kernel/randomize_va_space
    case $PATH in */sbin*) echo sbin ;; esac
    mkdir /sys/fs/cgroup/new && ls /sys/fs/cgroup/new | grep -e '^memory.max$' -e '^pids.max$'; wc -c </etc/fstab
    cd /proc/sys; cat fs/protected_regular fs/protected_fifos fs/file-max vm/max_map_count net/ipv4/conf/default/promote_secondaries
  `;
  const { stdout, stderr, result } = await execInGuest(command, {
    cwd: work,
    environment: guestEnvironment({ PATH: "/usr/bin:/bin" }),
    guest: {
      kernel: {
        image: build.image,
        arch: "x86_64",
        release: build.release,
        configFile: join(kernel.build, ".config"),
        tree: kernel.build,
        ...(index.state === "none" ? {} : { modulesIndex: index.directory }),
      },
    },
  });
  expect(stderr.toString()).toMatch(/^head: cannot open '\/etc\/shadow'.*\n$/);
  expect(stdout.toString().trimEnd().split("\n")).toEqual(
    [
      "1|660 disk|666 root|600 root|666 root|1777 root|700 root|600 root|0|/proc/kcore|0",
      "bpf|mqueue|configfs|securityfs|cgroup2|127.0.0.1|lo|resolves|/run/user/0",
      "524288|0\t2147483647|65534|hidden|0",
      // The start itself ran without a locale, and with all programs at the same addresses.
      "none|0|2|sbin|memory.max|pids.max|0",
      "1|1|9223372036854775807|1048576|1",
    ]
      .join("|")
      .split("|"),
  );
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
});

test("shared directories: one to write, one to read, in the name of who runs vm", async () => {
  const [writable, readable] = [join(work, "to write"), join(work, "to read")];
  mkdirSync(writable);
  mkdirSync(readable);
  writeFileSync(join(writable, "file"), "old");
  writeFileSync(join(readable, "file"), "old");
  // Absolute, as people's links to a larger disk are.
  const link = join(work, "link");
  symlinkSync(writable, link);
  const { result, stderr, stdout } = await execInGuest(
    `cat file && printf new >file && mkdir made && printf "%1000000d" 1 >made/large && chmod 600 file; cd '${readable}' && cat file && printf new >file`,
    {
      cwd: link,
      guest: {
        shares: [
          { path: link, access: "read-write" },
          { path: readable, access: "read-only" },
        ],
      },
    },
  );
  expect(stdout.toString()).toBe("oldold");
  expect(stderr.toString()).toMatch(/Read-only file system/);
  expect(result.outcome).toMatchObject({ kind: "exited", status: 2 });
  expect(readFileSync(join(writable, "file"), "utf8")).toBe("new");
  expect(statSync(join(writable, "file")).mode & 0o777).toBe(0o600);
  expect(statSync(join(writable, "made/large")).size).toBe(1_000_000);
  expect(readFileSync(join(readable, "file"), "utf8")).toBe("old");
});

test("as another user, with that user's groups and no more, and no way to the answer or the console", async () => {
  const { stdout, result } = await execInGuest(
    `id -u; id -g; id -G; echo x >/dev/stdout; echo x >/etc/x || echo refused; touch /tmp/mine && echo mine; echo $XDG_RUNTIME_DIR; touch $XDG_RUNTIME_DIR/x && echo mine; echo $LC_ALL; grep -c -e '-7ffffffff000.*stack' /proc/$$/maps
    for f in /dev/console /dev/kmsg /dev/ttyS0 /dev/vport*p2 /dev/vport*p5 /proc/1/fd/8; do ( echo 'exited 0' >$f ) && echo "wrote $f"; done
    for f in /run/vm-init /dev/vm-archive /proc/1/mem /proc/1/environ; do head -c 1 $f && echo "read $f"; done
    ls /proc/1/fd && echo listed; kill -9 1 && echo killed; su -c 'echo became root' </dev/null; exit 4`,
    {
      cwd: "/",
      user: { uid: 65534, gid: 65534, groups: [65534, 12] },
      environment: guestEnvironment({ PATH: "/no/such:/usr/bin:/bin", LC_ALL: "C.UTF-8" }),
    },
  );
  expect(stdout.toString()).toBe(
    "65534\n65534\n65534 12\nx\nrefused\nmine\n/run/user/65534\nmine\nC.UTF-8\n0\n",
  );
  expect(result.outcome).toEqual({ kind: "exited", status: 4 });
  expect(result.complaints).toEqual([]);
});

test("another root, which has nothing of the host", async () => {
  const root = join(work, "root");
  // mmdebstrap leaves /dev out of a tar file.
  mkdirSync(join(root, "dev"), { recursive: true });
  execFileSync("tar", ["-xf", await debianRoot(), "-C", root]);
  const { stdout, result } = await execInGuest(
    'cat /etc/hostname /proc/1/comm; ls -d /work; modprobe -n dummy; echo "$HOME $USER $SHELL $PATH"; exit 4',
    { cwd: work, guest: { root }, environment: guestEnvironment(process.env, "foreign") },
  );
  expect(stdout.toString()).toContain(
    "/root root /bin/bash /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
  );
  expect(stdout.toString()).not.toContain(readFileSync("/etc/hostname", "utf8").trim());
  expect(result.outcome).toEqual({ kind: "exited", status: 4 });
});

test("a root whose programs are in a store, as NixOS has it; one that lacks them is refused by name", async () => {
  const root = join(work, "root");
  const store = "/nix/store/0-nixos-system/sw/bin";
  mkdirSync(join(root, store), { recursive: true });
  for (const name of ["mount", "chroot", "setsid", "sleep", "cat", "tar"]) {
    const place = ["usr/bin", "usr/sbin"].find((path) => existsSync(join(root, path, name))) ?? "";
    renameSync(join(root, place, name), join(root, store, name));
  }
  await expect(execInGuest("true", { guest: { root } })).rejects.toThrow(
    `${root} cannot be the guest's root: it has no mount, chroot, setsid, sleep, cat.`,
  );
  mkdirSync(join(root, "nix/var/nix/profiles"), { recursive: true });
  symlinkSync("/nix/store/0-nixos-system", join(root, "nix/var/nix/profiles/system"));
  const { stdout, result } = await execInGuest("readlink /run/current-system; echo $PATH; cat /proc/1/comm", {
    cwd: "/",
    guest: { root },
    environment: guestEnvironment(process.env, "foreign"),
  });
  expect(stdout.toString()).toBe(
    `/nix/store/0-nixos-system\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${store}\nsh\n`,
  );
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
});

test("systemd in a root whose tables name disks that are not there, and which has a tmpfs for /tmp", async () => {
  const root = join(work, "systemd");
  mkdirSync(join(root, "dev"), { recursive: true });
  execFileSync("tar", ["-xf", await debianRoot(), "-C", root]);
  const wants = join(root, "etc/systemd/system/local-fs.target.wants");
  mkdirSync(wants, { recursive: true });
  symlinkSync("/usr/share/systemd/tmp.mount", join(root, "etc/systemd/system/tmp.mount"));
  symlinkSync("/usr/share/systemd/tmp.mount", join(wants, "tmp.mount"));
  writeFileSync(join(root, "etc/crypttab"), "x UUID=1234-5678 none luks\n");
  writeFileSync(join(root, "etc/veritytab"), "y /dev/sdz1 /dev/sdz2 abcd\n");
  writeFileSync(join(root, "etc/fstab"), "UUID=1234 /data ext4 defaults 0 2\n");
  writeFileSync(join(root, "tmp/of-the-root"), "");
  const { stdout, result } = await execInGuest(
    "ls /tmp; cat /etc/crypttab /etc/veritytab /etc/fstab | wc -c; systemctl list-jobs --no-legend; systemctl is-active ldconfig.service; ls /sys/class/net; echo $HOME",
    {
      cwd: "/tmp",
      guest: { root, init: "systemd" },
      environment: guestEnvironment(process.env, "foreign"),
    },
  );
  expect(stdout.toString()).toBe("of-the-root\n0\ninactive\nlo\n/root\n");
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
});

test("the host's systemd as init: the command after basic.target, the host's temporary files and disks left alone", async () => {
  const command = `
    cat /proc/1/comm; systemctl is-active basic.target; systemctl show --value -p ActiveState systemd-journald.service
    pwd; id -u; cat; findmnt -no FSTYPE /; grep -vc '^#' /etc/fstab; ip -4 -o address show eth0 | grep -o '10.0.2.15/24'
    yes | head -n 1; (setsid sleep 1000 &); exit 7
  `;
  const { stdout, stderr, result } = await execInGuest(command, {
    cwd: work,
    input: "input\n",
    guest: { init: "systemd", network: "user" },
  });
  expect(stderr.toString()).toBe("");
  expect(stdout.toString().split("\n")).toEqual([
    "systemd",
    "active",
    "active",
    work,
    "0",
    "input",
    "overlay",
    "0",
    "10.0.2.15/24",
    "y",
    "",
  ]);
  expect(result.outcome).toEqual({ kind: "exited", status: 7 });
});
