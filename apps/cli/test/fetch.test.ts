import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { kernelPackages, serveMirror, type DebianMirror, type MadePackage } from "./debian-mirror.js";
import { sandbox, type Ended } from "./vm.js";

const release = "7.2.13+deb14-amd64";

/** As much of a bzImage as says its release, and large enough to be cut. */
function bzImage(name: string): Buffer {
  const image = Buffer.alloc(0x80000, Buffer.from("no zeros: they would be packed away"));
  image.fill(0, 0, 0x1000);
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(0x20f, 0x206);
  image.writeUInt16LE(0x100, 0x20e);
  image.writeUInt16LE(1, 0x236);
  image.write(`${name} (me@here) #1 SMP\0`, 0x300, "latin1");
  return image;
}

interface Served {
  readonly mirror: DebianMirror;
  readonly cwd: string;
  /** The fetched kernels of the cache. */
  readonly fetched: () => string[];
  readonly vm: (...args: string[]) => Promise<Ended>;
  readonly fetch: (what: string, ...more: string[]) => Promise<Ended>;
  readonly sh: (script: string) => Promise<Ended>;
}

async function served(besides: readonly MadePackage[] = []): Promise<Served> {
  const { root, cwd, vm, sh } = sandbox();
  const packages = [
    ...kernelPackages(release, "7.2.13-1", bzImage(release)),
    ...kernelPackages("7.2.9+deb14-amd64", "7.2.9-1", bzImage("7.2.9+deb14-amd64")),
    ...kernelPackages("7.3-rc1-cloud-amd64", "7.3~rc1-1~exp1", bzImage("7.3")),
    {
      name: "linux-image-amd64",
      version: "7.2.13-1",
      depends: `linux-base-amd64, linux-image-${release} (= 7.2.13-1)`,
    },
    ...besides,
  ];
  const mirror = await serveMirror(root, packages);
  const debian = join(root, ".cache/vm/debian");
  return {
    mirror,
    cwd,
    vm,
    sh,
    fetch: (what, ...more) =>
      vm(
        "kernel",
        "--fetch",
        what,
        "--arch",
        "x86_64",
        "--mirror",
        mirror.url,
        "--keyring",
        mirror.keyring,
        ...more,
      ),
    fetched: () => (existsSync(debian) ? readdirSync(debian).filter((name) => !name.startsWith(".")) : []),
  };
}

test("vm kernel --fetch debian:SUITE downloads all packages of its kernel, and prints what -k takes", async () => {
  const { mirror, fetch, fetched, vm } = await served();
  const first = await fetch("debian:sid");
  expect(first.stderr).toContain(`fetching linux-image-${release} 7.2.13-1 in 4 packages`);
  expect(first).toMatchObject({ code: 0 });
  const path = first.stdout.slice(0, -1);
  expect(fetched()).toEqual([basename(path)]);
  expect(readdirSync(path).toSorted()).toEqual(
    ["base", "binary", "image", "modules"].map((part) => `linux-${part}-${release}_7.2.13-1_amd64.deb`),
  );
  const kernel = await vm("kernel", path, "--json");
  expect(JSON.parse(kernel.stdout)).toMatchObject({ kind: "unpacked", release, modules: "built" });
  // With no mirror any more: it is there.
  await mirror.close();
  expect(await fetch("debian:sid")).toMatchObject({ code: 0, stdout: first.stdout });
  const json = await fetch("debian:sid", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ path, release, version: "7.2.13-1" });
});

test("a version is the newest package of it; one that is not there is told with those that are", async () => {
  const { fetch } = await served();
  for (const [version, found] of [
    ["7.2", "7.2.13"],
    ["7.2.9", "7.2.9"],
    ["7.2.9+deb14-amd64", "7.2.9"],
    ["debian:7.2.9-1", "7.2.9"],
  ] as const)
    expect((await fetch(version)).stdout).toContain(`/linux-image-${found}+deb14-amd64_${found}-1_amd64-`);
  const unknown = await fetch("7.1");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toContain("has no Linux 7.1 (amd64)\nvm:   It has 7.2.13, 7.2.9.\n");
  // 7.2.1 is not the beginning of 7.2.13.
  expect((await fetch("7.2.1")).stderr).toContain("has no Linux 7.2.1 ");
  expect((await fetch("7.3-rc1", "--flavour", "cloud")).stdout).toContain("linux-image-7.3-rc1-cloud-amd64");
  expect((await fetch("debian:sid", "--flavour", "rt")).stderr).toContain(
    "sid has no kernel rt-amd64 for amd64",
  );
});

/** What an archive keeps of a kernel that was replaced: it drops the packages of one source, and not of the other. */
function leftOver(version: string, keep: RegExp): MadePackage[] {
  const name = `${version}+deb14-amd64`;
  return kernelPackages(name, `${version}-1`, bzImage(name)).filter((made) => keep.test(made.name));
}

test("of kernels that the mirror has only a part of none is taken, and none is offered", async () => {
  const name = "7.2.14+deb14-amd64";
  const { fetch, fetched } = await served([
    ...leftOver("7.2.14", /^linux-(?:binary|image)-/),
    ...leftOver("7.1.8", /^linux-(?:base|binary|image)-/),
    // Of another version it is another kernel's.
    {
      name: `linux-modules-7.1.8+deb14-amd64`,
      version: "7.1.8-2",
      files: { "usr/share/other": Buffer.from("") },
    },
    {
      name: "linux-image-cloud-amd64",
      version: "7.2.14-1",
      depends: "linux-image-7.2.14+deb14-cloud-amd64 (= 7.2.14-1)",
    },
    {
      name: "linux-image-7.2.14+deb14-cloud-amd64",
      version: "7.2.14-1",
      depends: "linux-modules-7.2.14+deb14-cloud-amd64 (= 7.2.14-1)",
    },
  ]);
  const whole = await fetch("7.2");
  expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining(`/linux-image-${release}_`) });
  const parts = await fetch("7.2.14");
  expect(parts).toMatchObject({ code: 1, stdout: "" });
  expect(parts.stderr).toMatch(
    `lacks of linux-image-${name} 7.2.14-1: linux-base-${name} 7.2.14-1, linux-modules-${name} 7.2.14-1\nvm:   Name another version. It has 7.2.13, 7.2.9.\n`,
  );
  expect((await fetch("7.1")).stderr).toContain("7.1.8-1: linux-modules-7.1.8+deb14-amd64 7.1.8-1\n");
  expect((await fetch("7.0")).stderr).toContain("has no Linux 7.0 (amd64)\nvm:   It has 7.2.13, 7.2.9.\n");
  const suite = await fetch("debian:sid", "--flavour", "cloud");
  expect(suite).toMatchObject({ code: 1, stdout: "" });
  expect(suite.stderr).toContain("7.2.14-1: linux-modules-7.2.14+deb14-cloud-amd64 7.2.14-1\n");
  expect(fetched()).toEqual([basename(whole.stdout.trim())]);
});

test.each([
  ["another key", ["debian:sid"], /its signature is not good/],
  ["a suite that is not there", ["debian:trixie"], /there is no such suite/],
  ["a suite of another archive", ["debian:trixie-security"], /--mirror URL\/debian-security/],
] as const)("%s is told, and nothing is taken", async (name, [what], message) => {
  const { mirror, fetch, fetched } = await served();
  const more = name === "another key" ? ["--keyring", mirror.otherKeyring] : [];
  const { code, stdout, stderr } = await fetch(what, ...more);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(message);
  expect(fetched()).toEqual([]);
});

test("a signed text that was changed, lists that are not what it says, and a mirror that is not there are told", async () => {
  const { mirror, fetch, fetched } = await served();
  const signed = mirror.file("dists/sid/InRelease");
  const text = readFileSync(signed, "utf8");
  writeFileSync(signed, text.replace("Suite: sid", "Suite: six"));
  expect((await fetch("debian:sid")).stderr).toContain("its signature is not good");
  writeFileSync(signed, text);
  const lists = mirror.file("dists/sid/main/binary-amd64/Packages");
  writeFileSync(lists, readFileSync(lists, "utf8").replace("7.2.13-1", "7.2.13-2"));
  const changed = await fetch("debian:sid");
  expect(changed).toMatchObject({ code: 1, stdout: "" });
  expect(changed.stderr).toContain("what came is not what the signed list says");
  await mirror.close();
  expect((await fetch("debian:sid")).stderr).toContain("the mirror cannot be reached");
  expect(fetched()).toEqual([]);
});

test("a package that is not what the list says is not taken, and is fetched anew when it is", async () => {
  const { mirror, fetch, fetched } = await served();
  const file = mirror.file(`pool/linux-binary-${release}_7.2.13-1_amd64.deb`);
  const good = readFileSync(file);
  const bad = Buffer.from(good);
  bad.fill("x", 0x40000, 0x40100);
  writeFileSync(file, bad);
  const wrong = await fetch("debian:sid");
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("what came is not what the signed list says");
  expect(fetched()).toEqual([]);
  writeFileSync(file, good);
  const right = await fetch("debian:sid");
  expect(right.code).toBe(0);
  expect(readFileSync(join(right.stdout.trim(), basename(file)))).toEqual(good);
});

test("a download that breaks off leaves nothing that counts, and the next one goes on with it", async () => {
  const { mirror, fetch, fetched } = await served();
  mirror.breakAfter = 0x20000;
  const broken = await fetch("debian:sid");
  expect(broken).toMatchObject({ code: 1, stdout: "" });
  expect(fetched()).toEqual([]);
  mirror.breakAfter = Number.POSITIVE_INFINITY;
  const before = mirror.requests.length;
  expect((await fetch("debian:sid")).code).toBe(0);
  const binary = mirror.requests.slice(before).find(({ path }) => path.includes("linux-binary-"));
  expect(binary?.from).toBeGreaterThan(0);
});

test("two at once both get it", async () => {
  const { fetch, fetched } = await served();
  const both = await Promise.all([fetch("debian:sid"), fetch("debian:sid")]);
  expect(both.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0]);
  expect(both[0].stdout).toBe(both[1].stdout);
  expect(fetched()).toHaveLength(1);
});

test("the script of a dry run fetches it; a dry run does not", async () => {
  const { mirror, fetch, sh, fetched } = await served();
  const script = await fetch("debian:sid", "-n");
  expect(script.code).toBe(0);
  expect(mirror.requests).toEqual([]);
  const ran = await sh(script.stdout);
  expect(ran).toMatchObject({ code: 0 });
  expect(fetched()).toEqual([basename(ran.stdout.trim())]);
});

test("wrong use is told", async () => {
  const { vm } = sandbox();
  for (const [args, message] of [
    [["--fetch", "sid"], "--fetch: expected debian:SUITE or a version, got 'sid'"],
    [["--fetch", "debian:sid", "--mirror", "sid [trusted=yes]"], "--mirror: expected an address"],
    [["--fetch", "debian:sid", "-j", "2"], "--fetch builds nothing"],
    [["--fetch", "debian:sid", "linux"], "--fetch takes no kernel as well: 'linux'"],
    [["linux", "--flavour", "cloud"], "--flavour needs --fetch"],
    [[], "no kernel given"],
  ] as const) {
    const { code, stderr } = await vm("kernel", ...args);
    expect({ args, code, stderr }).toEqual({
      args,
      code: 2,
      stderr: expect.stringContaining(message) as unknown,
    });
  }
  const missing = await vm(
    "kernel",
    "--fetch",
    "debian:sid",
    "--mirror",
    "http://127.0.0.1:1/",
    "--keyring",
    "no",
  );
  expect(missing.stderr).toContain("--keyring: there is no file");
  expect((await vm("run", "-k", "debian:sid", "--exec", "true")).stderr).toContain(
    "`vm kernel --fetch debian:sid` downloads it",
  );
});
