import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type MadeUpGuest, RELEASE, madeUpGuest, write } from "./made-up-guest.js";

/**
 * Stands for mount(8) and umount(8): what is mounted is copied, and every call is written down. The real ones are used in
 * e2e/test/modules-mounter.test.ts, in a real guest.
 */
const MOUNT = `#!/bin/sh
echo "mount $*" >>"$CALLS"
case $* in
*"$REFUSE"*) [ -z "$REFUSE" ] || { echo "mount: refused"; echo "a second line"; exit 32; } ;;
esac
for last; do :; done
case $* in
"-t 9p"* | "-t virtiofs"*) eval "tag=\\\${$(($# - 1))}"; cp -rp "$SHARES/$tag/." "$last" ;;
esac
`;
const UMOUNT = `#!/bin/sh
echo "umount $*" >>"$CALLS"
for last; do :; done
find "$last" -mindepth 1 -delete
`;

const TAGS = ["modules\0", "modules-index\0"];

let guest: MadeUpGuest;
let host: string;
let target: string;

beforeEach(() => setUp(madeUpGuest({ tags: TAGS })));

function setUp(made: MadeUpGuest): void {
  guest = made;
  target = join(guest.root, "lib/modules", RELEASE);
  host = join(guest.root, "host");
  const build = join(host, "modules");
  write(join(build, "include/config/kernel.release"), `${RELEASE}\n`);
  write(join(build, "modules.order"), "drivers/net/dummy.o\nfs/thing.o\n");
  write(join(build, "modules.builtin"), "kernel/fs/ext4/ext4.ko\n");
  write(join(build, "Module.symvers"), "");
  const index = join(host, "modules-index");
  for (const name of ["order", "dep", "dep.bin", "alias"])
    write(join(index, `modules.${name}`), `index ${name}\n`);
  write(join(index, "release"), `${RELEASE}\n`);
  utimesSync(join(build, "Module.symvers"), 1000, 1000);
  for (const [name, content] of [
    ["mount", MOUNT],
    ["umount", UMOUNT],
  ] as const) {
    write(join(guest.root, "bin", name), content);
    chmodSync(join(guest.root, "bin", name), 0o755);
  }
}

/** Real objects with the section that depmod reads: a stale one too, which no modules.order lists. */
function compileModules(): void {
  for (const path of ["drivers/net/dummy", "fs/thing", "fs/stale"]) {
    const object = join(host, "modules", `${path}.ko`);
    const name = path.slice(path.lastIndexOf("/") + 1);
    write(
      `${object}.c`,
      `char info[] __attribute__((section(".modinfo"))) = "name=${name}\\0alias=test:${name}";\n`,
    );
    execFileSync("cc", ["-c", "-o", object, `${object}.c`]);
  }
}

function mountScript(
  verb: string,
  { refuse = "", journal = "no" }: { readonly refuse?: string; readonly journal?: "yes" | "no" } = {},
): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: string[];
} {
  const calls = join(guest.root, "calls");
  rmSync(calls, { force: true });
  const { status, stdout, stderr } = spawnSync(guest.mountScript, [verb], {
    encoding: "utf8",
    env: {
      PATH: `${join(guest.root, "bin")}:${process.env["PATH"]}`,
      VM_MODULES_ROOT: guest.root,
      CALLS: calls,
      SHARES: host,
      REFUSE: refuse,
      ...(journal === "yes" ? { JOURNAL_STREAM: "9:1" } : {}),
    },
  });
  const lines = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
  return { status, stdout, stderr, calls: lines };
}

describe("with an index for this release", () => {
  test("links it, and runs no depmod", () => {
    const { status, stdout, stderr, calls } = mountScript("start");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(`modules of ${RELEASE} mounted, with the host's index\n`);
    expect(calls).toEqual([
      `mount -t tmpfs -o mode=0755,nosuid,nodev vm-modules ${target}`,
      `mount -t 9p -o ro,nosuid,nodev,trans=virtio,version=9p2000.L,msize=262144,cache=none modules-index ${target}/index`,
      `mount -t 9p -o ro,nosuid,nodev,trans=virtio,version=9p2000.L,msize=262144,cache=none modules ${target}/build`,
    ]);
    expect(readlinkSync(join(target, "kernel"))).toBe("build");
    expect(readlinkSync(join(target, "modules.dep.bin"))).toBe("index/modules.dep.bin");
    expect(readFileSync(join(target, "modules.alias"), "utf8")).toBe("index alias\n");
  });

  test("a reload links what is new in it, and stop takes all of it away", () => {
    mountScript("start");
    write(join(target, "index/modules.softdep"), "new\n");
    expect(mountScript("reload")).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(join(target, "modules.softdep"))).toBe("index/modules.softdep");
    expect(mountScript("stop")).toMatchObject({ status: 0, stderr: "", calls: [`umount -l ${target}`] });
    expect(existsSync(target)).toBe(false);
  });

  test("empty mount points of earlier kernels go, and nothing else does", () => {
    const modules = join(guest.root, "lib/modules");
    mkdirSync(join(modules, "6.1.0-crashed"));
    write(join(modules, "6.2.0-installed/modules.dep"), "");
    write(join(modules, "6.3.0-half/extra/own.ko"), "");
    mountScript("start");
    expect(existsSync(join(modules, "6.1.0-crashed"))).toBe(false);
    expect(existsSync(join(modules, "6.2.0-installed/modules.dep"))).toBe(true);
    expect(existsSync(join(modules, "6.3.0-half/extra/own.ko"))).toBe(true);
  });
});

describe("without a usable index", () => {
  beforeEach(compileModules);

  test.each([
    ["is for another release", () => write(join(host, "modules-index/release"), "6.11.0\n")],
    ["is just being made again", () => rmSync(join(host, "modules-index/release"))],
  ])("when it %s, depmod indexes what modules.order lists", (_, spoil) => {
    spoil();
    const { status, stdout, stderr, calls } = mountScript("start");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("indexed by depmod here");
    expect(
      calls
        .filter((call) => call.endsWith("/build"))
        .map((call) => call.replace(/.*(cache=\w+|umount).*/, "$1")),
    ).toEqual(["cache=loose", "umount", "cache=none"]);
    expect(readFileSync(join(target, "modules.order"), "utf8")).toBe(
      "kernel/drivers/net/dummy.ko\nkernel/fs/thing.ko\n",
    );
    expect(readFileSync(join(target, "modules.dep"), "utf8")).toBe(
      "kernel/drivers/net/dummy.ko:\nkernel/fs/thing.ko:\n",
    );
    expect(readFileSync(join(target, "modules.alias"), "utf8")).not.toContain("stale");
  });

  test("a build with no modules at all is mounted just the same", () => {
    write(join(host, "modules/modules.order"), "");
    rmSync(join(host, "modules-index/release"));
    expect(mountScript("start")).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(join(target, "kernel"))).toBe("build");
    expect(readFileSync(join(target, "modules.dep"), "utf8")).toBe("");
  });

  test("a module that is listed and missing costs only itself", () => {
    rmSync(join(host, "modules/fs/thing.ko"));
    rmSync(join(host, "modules-index/release"));
    expect(mountScript("start")).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(target, "modules.dep"), "utf8")).toContain("kernel/drivers/net/dummy.ko:");
  });

  test("a reload runs depmod when the build is newer than the index", () => {
    mountScript("start");
    const future = Date.now() / 1000 + 60;
    utimesSync(join(target, "build/Module.symvers"), future, future);
    cpSync(join(host, "modules/fs/thing.ko"), join(target, "build/fs/new.ko"));
    write(join(target, "build/modules.order"), "drivers/net/dummy.o\nfs/new.o\n");
    expect(mountScript("reload")).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(target, "modules.dep"), "utf8")).toContain("kernel/fs/new.ko:");
    // The host's index is not written to, although a link to it was there.
    expect(readFileSync(join(target, "index/modules.dep"), "utf8")).toBe("index dep\n");
  });
});

describe("when something is wrong it says so in one line and leaves nothing mounted", () => {
  test("another release", () => {
    write(join(host, "modules/include/config/kernel.release"), "6.13.0\n");
    const { status, stderr, calls } = mountScript("start");
    expect(status).toBe(1);
    expect(stderr).toBe(
      `vm-modules-mounter: the host's build is 6.13.0, this kernel is ${RELEASE}: its modules are not mounted\n`,
    );
    expect(calls.at(-1)).toBe(`umount -l ${target}`);
    expect(existsSync(target)).toBe(false);
  });

  test("a mount that fails, with the mount's own reason, and the priority that the journal reads", () => {
    const { status, stderr } = mountScript("start", { refuse: "modules-index", journal: "yes" });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: "<4>cannot mount modules-index: mount: refused\n",
    });
    mountScript("stop");
    const failed = mountScript("start", { refuse: "-t 9p", journal: "yes" });
    expect(failed.status).toBe(1);
    expect(failed.stderr.trim().split("\n").at(-1)).toBe(
      "<3>cannot mount the host's modules: mount: refused",
    );
    expect(existsSync(target)).toBe(false);
  });

  test("a reload after the host built another release keeps what is there", () => {
    mountScript("start");
    write(join(target, "build/include/config/kernel.release"), "6.13.0\n");
    const { status, stderr } = mountScript("reload");
    expect(status).toBe(1);
    expect(stderr).toBe(
      `vm-modules-mounter: the host's build is now 6.13.0, this kernel is ${RELEASE}: boot the new one to use its modules\n`,
    );
    expect(readlinkSync(join(target, "modules.dep"))).toBe("index/modules.dep");
  });

  test("a kernel without 9p", () => {
    renameSync(join(guest.root, "sys/bus/virtio/drivers"), join(guest.root, "sys/bus/virtio/none"));
    write(join(guest.root, "bin/modprobe"), "#!/bin/sh\nexit 1\n");
    chmodSync(join(guest.root, "bin/modprobe"), 0o755);
    const { status, stderr } = mountScript("start");
    expect(status).toBe(1);
    expect(stderr).toBe(
      "vm-modules-mounter: this kernel has no 9p over virtio (CONFIG_NET_9P_VIRTIO, CONFIG_9P_FS)\n",
    );
  });
});

describe.each(["virtiofs", "old-virtiofs"] as const)("over %s", (way) => {
  beforeEach(() => setUp(madeUpGuest({ tags: TAGS, way })));

  test("the index is linked, and a reload links it again", () => {
    const { status, stdout, stderr, calls } = mountScript("start");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(`modules of ${RELEASE} mounted, with the host's index\n`);
    expect(calls).toEqual([
      `mount -t tmpfs -o mode=0755,nosuid,nodev vm-modules ${target}`,
      `mount -t virtiofs -o ro,nosuid,nodev modules-index ${target}/index`,
      `mount -t virtiofs -o ro,nosuid,nodev modules ${target}/build`,
    ]);
    expect(readlinkSync(join(target, "modules.dep.bin"))).toBe("index/modules.dep.bin");
    expect(mountScript("reload")).toMatchObject({ status: 0, stderr: "" });
  });

  test("without an index depmod indexes what is mounted already", () => {
    compileModules();
    rmSync(join(host, "modules-index/release"));
    const { status, calls } = mountScript("start");
    expect(status).toBe(0);
    expect(calls.filter((call) => call.includes(`${target}/build`))).toEqual([
      `mount -t virtiofs -o ro,nosuid,nodev modules ${target}/build`,
    ]);
    expect(readFileSync(join(target, "modules.dep"), "utf8")).toContain("kernel/drivers/net/dummy.ko:");
  });

  test("what another host shares is left alone", () => {
    rmSync(join(guest.root, "sys/fs"), { recursive: true, force: true });
    const { status, stdout, stderr } = mountScript("start", { refuse: "virtiofs" });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: "the host shares no modules over virtiofs\n",
      stderr: "",
    });
    expect(existsSync(target)).toBe(false);
  });
});

describe("vm.modules on the kernel command line", () => {
  beforeEach(() => write(join(target, "modules.dep"), "own\n"));

  test.each(["", "vm.modules=host"])("%j: the host's modules cover the guest's own", (cmdline) => {
    write(join(guest.root, "proc/cmdline"), `quiet ${cmdline}\n`);
    expect(mountScript("start").calls).toHaveLength(3);
  });

  test("guest: its own are used where it has some for this release", () => {
    write(join(guest.root, "proc/cmdline"), "vm.modules=guest quiet\n");
    expect(mountScript("start")).toMatchObject({ status: 0, stderr: "", calls: [] });
    rmSync(target, { recursive: true });
    expect(mountScript("start").calls).toHaveLength(3);
  });

  test("an unknown choice is named, and taken as host", () => {
    write(join(guest.root, "proc/cmdline"), "vm.modules=gest\n");
    const { stderr, calls } = mountScript("start");
    expect(stderr).toContain("vm.modules=gest is not known (host, guest or off)");
    expect(calls).toHaveLength(3);
  });
});

test("an init that is a shell runs it without another program", () => {
  const script = '( set -- start; . "$1" ); echo "then $?"'.replace("$1", guest.mountScript);
  const { stdout } = spawnSync("sh", ["-c", script], {
    encoding: "utf8",
    env: {
      PATH: `${join(guest.root, "bin")}:${process.env["PATH"]}`,
      VM_MODULES_ROOT: guest.root,
      CALLS: "/dev/null",
      SHARES: host,
      REFUSE: "",
    },
  });
  expect(stdout).toBe(`modules of ${RELEASE} mounted, with the host's index\nthen 0\n`);
});

describe("the modules of an installed kernel", () => {
  beforeEach(() => {
    const installed = join(host, "modules");
    rmSync(installed, { recursive: true });
    write(join(installed, "kernel/fs/thing.ko"), "thing");
    write(join(installed, "updates/dkms/better.ko"), "better");
    write(join(installed, "modules.order"), "kernel/fs/thing.ko\n");
    symlinkSync("/usr/src/linux-headers", join(installed, "build"));
    write(join(host, "modules-index/layout"), "installed\n");
  });

  test("stand where they were installed, whatever directory they are in", () => {
    const { status, stdout, stderr } = mountScript("start");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(`modules of ${RELEASE} mounted, with the host's index\n`);
    expect(readlinkSync(join(target, "kernel"))).toBe("build/kernel");
    expect(readFileSync(join(target, "kernel/fs/thing.ko"), "utf8")).toBe("thing");
    expect(readFileSync(join(target, "updates/dkms/better.ko"), "utf8")).toBe("better");
    expect(readFileSync(join(target, "modules.dep"), "utf8")).toBe("index dep\n");
  });

  test("are linked again by a reload, with a directory that is new", () => {
    mountScript("start");
    write(join(target, "build/extra/new.ko"), "new");
    expect(mountScript("reload")).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(target, "extra/new.ko"), "utf8")).toBe("new");
    expect(readlinkSync(join(target, "kernel"))).toBe("build/kernel");
  });

  test("of another release are refused, by what the index says", () => {
    write(join(host, "modules-index/release"), "6.1.0-13-amd64\n");
    const { status, stderr } = mountScript("start");
    expect(status).toBe(1);
    expect(stderr).toContain(`the host's build is 6.1.0-13-amd64, this kernel is ${RELEASE}`);
    expect(existsSync(target)).toBe(false);
  });

  test("are refused without an index, which alone could say their release", () => {
    const { status, stderr } = mountScript("start", { refuse: "modules-index" });
    expect(status).toBe(1);
    expect(stderr).toContain("its modules are not mounted");
  });
});
