import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { buildPackage, guestFile, renderPackage } from "@vm/modules-mounter";
import { temporaryDirectory } from "./made-up-guest.js";

const NAME = "vm-modules-mounter";

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Paths, types, modes and contents below a directory. */
function tree(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((path) => {
      const stat = lstatSync(join(root, path));
      const content = stat.isFile() ? readFileSync(join(root, path), "hex") : "";
      return `${path} ${stat.mode.toString(8)} ${content}`;
    });
}

function unpack(archive: string): string {
  const directory = temporaryDirectory();
  run("bsdtar", "-xpf", archive, "-C", directory, "--exclude", ".[A-Z]*");
  return directory;
}

function pacmanIn(root: string): (...args: string[]) => string {
  // Since pacman 7.1 a directory that is named has to be there.
  for (const path of ["var/lib/pacman", "cache", "hooks"]) mkdirSync(join(root, path), { recursive: true });
  const config = join(root, "pacman.conf");
  writeFileSync(config, "[options]\nArchitecture = auto\nSigLevel = Never\nLocalFileSigLevel = Never\n");
  const places = ["--dbpath", join(root, "var/lib/pacman"), "--cachedir", join(root, "cache")];
  const rest = ["--hookdir", join(root, "hooks"), "--logfile", join(root, "log"), "--noconfirm"];
  const asRoot = process.getuid?.() === 0 ? "env" : "fakeroot";
  return (...args) => run(asRoot, "pacman", "--root", root, "--config", config, ...places, ...rest, ...args);
}

async function unpackedTarball(): Promise<string> {
  const { path } = await buildPackage({ outputDirectory: temporaryDirectory(), format: "tar" });
  const directory = unpack(path);
  return join(directory, ...readdirSync(directory), "install.sh");
}

afterEach(() => {
  delete process.env["SOURCE_DATE_EPOCH"];
});

describe("the package for pacman", () => {
  test.each(["gzip", "zstd", "none"] as const)(
    "compressed with %s it installs into a fresh root, as it was packed, and is removed without a trace",
    async (compression) => {
      const { path } = await buildPackage({ outputDirectory: temporaryDirectory(), compression });
      const root = temporaryDirectory();
      const pacman = pacmanIn(root);
      pacman("-U", "-dd", path);
      expect(pacman("-Qkk", NAME)).toContain("0 altered files");
      expect(pacman("-Qi", NAME)).toMatch(/Depends On\s+: kmod {2}systemd {2}util-linux\n/);
      const installed = join(root, "usr/lib/systemd/system-generators/vm-modules-mounter");
      expect(readFileSync(installed)).toEqual(readFileSync(guestFile("vm-modules-mounter")));
      expect(lstatSync(installed)).toMatchObject({ mode: 0o100755, uid: process.getuid?.() });
      pacman("-R", NAME);
      expect(readdirSync(root).toSorted()).toEqual(["cache", "hooks", "log", "pacman.conf", "var"]);
    },
  );

  test("makepkg makes the same files, modes and contents of the PKGBUILD", async () => {
    const build = temporaryDirectory();
    cpSync(dirname(guestFile("PKGBUILD")), build, { recursive: true });
    chmodSync(build, 0o755);
    // makepkg refuses to run as root.
    const user =
      process.getuid?.() === 0 ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];
    if (process.getuid?.() === 0) run("chown", "-R", "nobody", build);
    const makepkg = [...user, "env", `HOME=${build}`, "PKGEXT=.pkg.tar.gz", "makepkg", "--nodeps"];
    execFileSync("env", makepkg, { cwd: build, stdio: "ignore" });
    const { path } = await buildPackage({ outputDirectory: temporaryDirectory() });
    const fileName = path.slice(dirname(path).length + 1);
    expect(tree(unpack(path))).toEqual(tree(unpack(join(build, fileName))));
    const members = (archive: string): string[] => run("bsdtar", "-tf", archive).split("\n").toSorted();
    expect(members(path)).toEqual(members(join(build, fileName)));
  });

  test("its metadata comes first, as makepkg orders it, and everything belongs to root", async () => {
    const { path } = await buildPackage({ outputDirectory: temporaryDirectory() });
    const lines = run("bsdtar", "--numeric-owner", "-tvf", path).trim().split("\n");
    const columns = lines.map((line) => line.split(/\s+/));
    expect(columns.slice(0, 4).map((line) => line.at(-1))).toEqual([
      ".BUILDINFO",
      ".MTREE",
      ".PKGINFO",
      "usr/",
    ]);
    expect(new Set(columns.map((line) => `${line[2]}:${line[3]}`))).toEqual(new Set(["0:0"]));
  });

  test("the PKGBUILD and the README have the version of this npm package", () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(readFileSync(guestFile("PKGBUILD"), "utf8")).toContain(`\npkgver=${version}\n`);
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    expect(readme.match(/vm-modules-mounter-\d[\d.]*(?=-1-any)/g)).toEqual([`vm-modules-mounter-${version}`]);
  });
});

describe.each(["pacman", "deb", "tar"] as const)("the same source gives the same bytes (%s)", (format) => {
  test("whatever the umask, the locale, the time zone and the directory", async () => {
    const before = { umask: process.umask(0o077), cwd: process.cwd(), env: { ...process.env } };
    const first = await buildPackage({ outputDirectory: temporaryDirectory(), format });
    process.umask(0o002);
    process.chdir("/");
    Object.assign(process.env, { LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kathmandu", USER: "somebody" });
    const second = await buildPackage({ outputDirectory: temporaryDirectory(), format });
    process.umask(before.umask);
    process.chdir(before.cwd);
    process.env = before.env;
    expect(second.sha256).toBe(first.sha256);
    expect(lstatSync(first.path).mode & 0o777).toBe(0o644);
  });

  test("SOURCE_DATE_EPOCH is the time of everything in it", async () => {
    process.env["SOURCE_DATE_EPOCH"] = "1700000000";
    const byEnvironment = await renderPackage({ format });
    delete process.env["SOURCE_DATE_EPOCH"];
    const byOption = await renderPackage({ format, sourceDateEpoch: 1_700_000_000 });
    const other = await renderPackage({ format });
    expect(Buffer.compare(byEnvironment.content, byOption.content)).toBe(0);
    expect(Buffer.compare(byEnvironment.content, other.content)).not.toBe(0);
  });
});

test.each(["yesterday", "-1", "1e9", "99999999999"])("SOURCE_DATE_EPOCH=%s is refused", async (value) => {
  process.env["SOURCE_DATE_EPOCH"] = value;
  await expect(renderPackage()).rejects.toMatchObject({ code: "SOURCE_DATE_EPOCH_INVALID" });
});

test("dpkg reads the .deb, and its files have the digests that it names", async () => {
  const { path } = await buildPackage({ outputDirectory: temporaryDirectory(), format: "deb" });
  expect(run("dpkg-deb", "-f", path, "Package", "Architecture", "Depends")).toBe(
    `Package: ${NAME}\nArchitecture: all\nDepends: systemd, kmod, mount\n`,
  );
  const root = temporaryDirectory();
  run("dpkg-deb", "-R", path, root);
  execFileSync("md5sum", ["--check", "--quiet", "DEBIAN/md5sums"], { cwd: root });
  expect(lstatSync(join(root, "lib/systemd/vm-modules-mount")).mode & 0o777).toBe(0o755);
  await expect(renderPackage({ format: "deb", compression: "zstd" })).rejects.toMatchObject({
    code: "COMPRESSION_UNSUPPORTED",
  });
});

describe("the tarball's install.sh", () => {
  test.each([
    ["usr/lib", []],
    ["lib", ["lib/systemd"]],
  ])("installs into %s, and takes everything away again", async (library, directories) => {
    const install = await unpackedTarball();
    const root = temporaryDirectory();
    for (const path of ["usr/lib/systemd", ...directories]) mkdirSync(join(root, path), { recursive: true });
    run(install, root);
    const generator = join(root, library, "systemd/system-generators/vm-modules-mounter");
    expect(lstatSync(generator).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(root, library, "systemd"))).toContain("vm-modules-mount");
    for (const [path, name] of [
      ["systemd/system/vm-exec.service", "vm-exec.service"],
      ["udev/rules.d/60-vm-exec.rules", "60-vm-exec.rules"],
    ] as const) {
      expect(readFileSync(join(root, library, path))).toEqual(readFileSync(guestFile(name)));
      expect(lstatSync(join(root, library, path)).mode & 0o777).toBe(0o644);
    }
    run(install, "--uninstall", root);
    expect(tree(root).filter((line) => /vm-(modules|exec)/.test(line))).toEqual([]);
  });

  test("refuses a root without systemd", async () => {
    const { status, stderr } = spawnSync(await unpackedTarball(), [temporaryDirectory()], {
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toContain("this guest has no systemd");
  });
});

describe("vm-modules-package", () => {
  test.each([
    [["--format", "rpm"], "--format: expected pacman, deb, tar"],
    [["--format", "deb", "--compression", "zstd"], "Leave --compression out."],
    [["--frobnicate"], "--frobnicate"],
    [["here"], "here"],
  ])("%j ends with 2 and its name, and nothing is written", (words, text) => {
    const cwd = temporaryDirectory();
    const bin = fileURLToPath(new URL("../bin/vm-modules-package.mjs", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], {
      cwd,
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(text);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("every option of its help is honoured", () => {
    const cwd = temporaryDirectory();
    const bin = fileURLToPath(new URL("../bin/vm-modules-package.mjs", import.meta.url));
    const packed = (...words: string[]): string =>
      spawnSync(process.execPath, [bin, ...words], { cwd, encoding: "utf8" }).stdout;
    const usual = packed();
    /** What shows it, by the option: the words, and the name of what is written. */
    const shown: Readonly<Record<string, readonly [words: string[], pattern: RegExp]>> = {
      "--output": [["-o", "elsewhere"], /\/elsewhere\/vm-modules-mounter-.*\.pkg\.tar\.gz\n$/],
      "--format": [["--format", "deb"], /\.deb\n$/],
      "--compression": [["--compression", "zstd"], /\.pkg\.tar\.zst\n$/],
      "--help": [["-h"], /^Usage: /],
    };
    expect([...packed("--help").matchAll(/^ .*(--[a-z]+)/gm)].map(([, flag]) => flag)).toEqual(
      Object.keys(shown),
    );
    for (const [words, pattern] of Object.values(shown)) {
      expect(packed(...words)).toMatch(pattern);
      expect(packed(...words)).not.toBe(usual);
    }
  });
});
