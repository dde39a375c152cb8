import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bareRoot } from "../fixtures/bare-root.mjs";
import { debianKernel } from "../fixtures/debian-kernel.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { writeNixpkgs } from "../fixtures/nixpkgs.mjs";
import { worldRoot } from "../fixtures/world.mjs";
import { runProgram, type Outcome } from "../guest/vm-home.js";
import { inFurnished } from "../guest/world.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let work: string;
/** What a release consists of, made of this checkout. */
let packages: string;
let kernel: KernelFixture;
let roots: Readonly<Record<"bookworm" | "trixie" | "sid", string>>;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "vm-system-packages-"));
  packages = join(work, "packages");
  const [made, fixture, bookworm, trixie, sid] = await Promise.all([
    runProgram([process.execPath, join(ROOT, "tools/release-packages.mjs"), "--output", packages]),
    kernelFixture(),
    bareRoot("bookworm"),
    worldRoot("trixie"),
    worldRoot("sid"),
  ]);
  if (made.status !== 0) throw new Error(`the packages were not made: ${made.stderr}`);
  kernel = fixture;
  roots = { bookworm, trixie, sid };
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What `vm --version` says of this checkout. */
function version(kind: string): string {
  const git = (...words: string[]): string =>
    execFileSync("git", ["-C", ROOT, ...words], { encoding: "utf8" }).trim();
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(ROOT, "apps/cli/package.json"), "utf8"),
  );
  const changes = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+changes";
  return `${manifest.version} (commit ${git("rev-parse", "--short=12", "HEAD")}${changes}, ${kind})`;
}

/** The node inside, as its file's name in the release's own words. */
function ownNode(): string {
  const source = readFileSync(join(ROOT, "tools/packages/one-file.mjs"), "utf8");
  return `with Node ${/NODE_VERSION = "([\d.]+)"/.exec(source)?.[1]}`;
}

/** Runs a script as root on a system, with the packages in /srv/packages and a kernel in /srv/kernel; its lines of standard output. */
async function onSystem(
  root: string | undefined,
  script: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const ended = await inFurnished(root, `set -eu\n${script}`, {
    files: { packages, kernel: kernel.build, ...files },
  });
  expect(ended.status, `${ended.stdout}${ended.stderr}`).toBe(0);
  return ended.stdout.trimEnd().split("\n");
}

/** Its files are as they were packed, but for the pages that these small roots leave out. */
function verified(name: string): string {
  return `if dpkg --verify ${name} | grep -vE ' /usr/share/(doc|man)'; then exit 1; fi`;
}

/** The demo's command on the tests' kernel: its modules come with it. */
const SMOKE = `vm run -k /srv/kernel --timeout 20m --exec 'uname -srm; modprobe dummy; lsmod | grep -c "^dummy "'`;

/** What it prints. */
function smoked(): string[] {
  return [`Linux ${kernel.release} x86_64`, "1"];
}

test("what was made has the sums beside it, and README names each", async () => {
  expect(
    await runProgram(["sha256sum", "--check", "--strict", "SHA256SUMS"], { cwd: packages }),
  ).toMatchObject({
    status: 0,
  });
  const sums = readFileSync(join(packages, "SHA256SUMS"), "utf8").trimEnd().split("\n");
  const names = readdirSync(packages).filter((name) => name !== "SHA256SUMS");
  expect(sums.map((line) => line.replace(/^\S+ {2}/, "")).toSorted()).toEqual(names.toSorted());
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const install = readme.slice(readme.indexOf("## Install"), readme.indexOf("In a clone, without a package"));
  for (const [name, pattern] of [
    ["vm-cli_*_all.deb", /^vm-cli_[\d.]+-1_all\.deb$/],
    ["vm-cli-with-node_*_amd64.deb", /^vm-cli-with-node_[\d.]+-1_amd64\.deb$/],
    ["vm-cli-*.pkg.tar.zst", /^vm-cli-[\d.]+-1-any\.pkg\.tar\.zst$/],
    ["vm-cli-*.noarch.rpm", /^vm-cli-[\d.]+-1\.noarch\.rpm$/],
    ["vm-cli-*.tgz", /^vm-cli-[\d.]+\.tgz$/],
    ["vm-x86_64", /^vm-x86_64$/],
    ["makepkg", /^PKGBUILD$/],
    ["a flake", /^flake\.nix$/],
  ] as const) {
    expect(install).toContain(name);
    expect(names.filter((each) => pattern.test(each))).toHaveLength(1);
  }
});

test(
  "Debian 13: apt installs the package, and a packaged kernel boots with its modules, as in the demo",
  { timeout: 1_800_000 },
  async () => {
    const packaged = await debianKernel({ flavour: "amd64", suite: "trixie" });
    const lines = await onSystem(
      roots.trixie,
      `apt-get install -qq -y /srv/packages/vm-cli_*_all.deb >&2
    ${verified("vm-cli")}
    vm --version
    test -s /usr/share/bash-completion/completions/vm
    vm run -k /srv/packaged --timeout 20m --exec 'uname -srm; modprobe dummy; lsmod | grep -c "^dummy "'`,
      { packaged: packaged.root },
    );
    expect(lines).toEqual([version("Debian package"), `Linux ${packaged.release} x86_64`, "1"]);
  },
);

test("Debian 12, whose Node is too old: the package with a Node of its own", async () => {
  const lines = await onSystem(
    roots.bookworm,
    `if command -v node; then exit 1; fi
    apt-get install -qq -y /srv/packages/vm-cli-with-node_*_amd64.deb >&2
    ${verified("vm-cli-with-node")}
    vm --version
    vm kernel /srv/kernel --json | grep '"release"'
    vm doctor >/srv/doctor || [ $? = 1 ]
    grep -c '^BROKEN *qemu ' /srv/doctor
    apt-get purge -qq -y vm-cli-with-node >&2
    test ! -e /usr/bin/vm`,
  );
  expect(lines).toEqual([
    version(`Debian package ${ownNode()}`),
    expect.stringContaining(`"${kernel.release}"`),
    "1",
  ]);
});

test(
  "one file where there is no Node: a command in a guest, and a guest in the background",
  { timeout: 1_800_000 },
  async () => {
    const lines = await onSystem(
      roots.trixie,
      `rm /usr/bin/node*
    if command -v node; then exit 1; fi
    install /srv/packages/vm-x86_64 /usr/local/bin/vm
    vm --version
    vm run -k /srv/kernel --timeout 20m --exec 'uname -r; command -v vm; exit 7' || echo $?
    vm start -k /srv/kernel --name one --up-timeout 1200
    vm list --quiet
    vm stop one --json --timeout 240 | grep how
    vm list --quiet`,
    );
    expect(lines).toEqual([
      version(`one file ${ownNode()}`),
      kernel.release,
      "/usr/local/bin/vm",
      "7",
      "one",
      expect.stringContaining("powered-off"),
    ]);
  },
);

/** The files of the pacman package in a directory. */
function contents(directory: string): string[] {
  const [name = ""] = readdirSync(directory).filter((each) => each.endsWith(".pkg.tar.zst"));
  return execFileSync("bsdtar", ["-tf", join(directory, name)], { encoding: "utf8" })
    .split("\n")
    .filter((path) => !path.startsWith(".") && !path.endsWith("/"))
    .toSorted();
}

test("pacman installs its package, and makepkg makes the same one of npm's tarball", async () => {
  const lines = await onSystem(
    roots.sid,
    // The setting that Arch Linux has by itself.
    `sed -i 's/^\\[options\\]$/&\\nLocalFileSigLevel = Optional/' /etc/pacman.conf
    mkdir -p /var/lib/pacman
    if pacman -U --noconfirm /srv/packages/vm-cli-*.pkg.tar.zst 2>/srv/errors >&2; then exit 1; fi
    grep -o "nodejs>=.*'" /srv/errors
    pacman -U --noconfirm --assume-installed nodejs="$(node -p process.versions.node)" /srv/packages/vm-cli-*.pkg.tar.zst >&2
    pacman -Qkk vm-cli
    vm --version
    ${SMOKE}`,
  );
  expect(lines.map((line) => line.replace(/\d+ total files/, "N total files"))).toEqual([
    expect.stringMatching(/^nodejs>=20\.19/),
    "vm-cli: N total files, 0 altered files",
    version("Arch package"),
    ...smoked(),
  ]);

  const build = join(work, "makepkg");
  mkdirSync(build);
  for (const name of readdirSync(packages).filter((each) => /^PKGBUILD$|\.tgz$/.test(each)))
    symlinkSync(join(packages, name), join(build, name));
  execFileSync("chown", ["-R", "nobody", build]);
  execFileSync("chmod", ["o+x", work]);
  // makepkg refuses to run as root.
  const user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] as const;
  const makepkg = await runProgram(
    [...user, "env", `HOME=${build}`, "PKGEXT=.pkg.tar.zst", "makepkg", "--nodeps"],
    { cwd: build },
  );
  expect([makepkg.status, makepkg.stderr]).toEqual([0, expect.anything()]);
  expect(contents(build)).toEqual(contents(packages));
});

test("rpm installs its package into a root, once there is the Node that it asks for", async () => {
  const lines = await onSystem(
    undefined,
    `mkdir /mnt/upper /mnt/work /mnt/root
    mount -t overlay -o lowerdir=/srv/lower,upperdir=/mnt/upper,workdir=/mnt/work rpm /mnt/root
    if rpm --root /mnt/root -i /srv/packages/vm-cli-*.rpm 2>/srv/errors; then exit 1; fi
    grep -o 'nodejs(engine) >= .* is needed by vm-cli' /srv/errors
    rpm --root /mnt/root -i --nodeps /srv/packages/vm-cli-*.rpm
    rpm --root /mnt/root -V --nodeps vm-cli
    for name in proc sys dev; do mount --rbind /$name /mnt/root/$name; done
    mkdir /mnt/root/srv/kernel
    mount --rbind /srv/kernel /mnt/root/srv/kernel
    chroot /mnt/root vm --version
    cat >/mnt/root/srv/smoke <<'END'
    ${SMOKE}
END
    chroot /mnt/root sh -eu /srv/smoke`,
    { lower: roots.trixie },
  );
  expect(lines).toEqual(["nodejs(engine) >= 20.19 is needed by vm-cli", version("RPM package"), ...smoked()]);
});

test("npm installs its tarball and asks no registry", async () => {
  const prefix = join(work, "npm");
  const [tarball = ""] = readdirSync(packages).filter((name) => name.endsWith(".tgz"));
  const npm = ["npm", "install", "--global", "--offline", "--prefix", prefix] as const;
  const installed = await runProgram([...npm, join(packages, tarball)], { cwd: work });
  expect([installed.status, installed.stderr]).toEqual([0, expect.anything()]);
  const env = { VM_HOME: join(work, "home"), VM_CACHE_HOME: join(work, "cache") };
  const vm = join(prefix, "bin/vm");
  expect(await runProgram([vm, "--version"], { cwd: work, env })).toEqual({
    status: 0,
    stdout: `${version("npm package")}\n`,
    stderr: "",
  });
  const dry = await runProgram([vm, "run", "-k", kernel.build, "--exec", "true", "-n"], { cwd: work, env });
  expect(dry).toMatchObject({ status: 0, stdout: expect.stringContaining("qemu-system-x86_64") });
});

test("nix evaluates the flake, builds a package by it and runs it, as README says", async () => {
  const nixpkgs = join(work, "nixpkgs");
  writeNixpkgs(nixpkgs);
  const place = join(work, "nix");
  mkdirSync(place);
  // As in a clone: git does not know what is in dist.
  const clone = join(work, "clone");
  mkdirSync(join(clone, "dist"), { recursive: true });
  execFileSync("git", ["init", "--quiet", clone]);
  execFileSync("cp", ["-r", packages, join(clone, "dist/packages")]);
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [, flake = ""] = /`nix run (\S+)` \(a flake\)/.exec(readme) ?? [];
  const nix = (...words: readonly string[]): Promise<Outcome> => {
    const [command = "", ...rest] = words;
    const features = ["--extra-experimental-features", "nix-command flakes"];
    const local = ["--option", "sandbox", "false", "--option", "substitute", "false"];
    const root = ["--option", "build-users-group", ""];
    const input = ["--no-write-lock-file", "--override-input", "nixpkgs", `path:${nixpkgs}`];
    return runProgram(["nix", ...features, ...local, ...root, ...command.split(" "), ...input, ...rest], {
      cwd: clone,
      env: {
        HOME: place,
        NIX_STORE_DIR: join(place, "store"),
        NIX_STATE_DIR: join(place, "state"),
        NIX_LOG_DIR: join(place, "log"),
      },
    });
  };
  const checked = await nix("flake check", flake);
  expect([checked.status, checked.stderr]).toEqual([0, expect.anything()]);
  const ran = await nix("run", flake, "--", "--version");
  expect(ran).toMatchObject({ status: 0, stdout: `${version("Nix package")}\n` });
  const dry = await nix("run", flake, "--", "run", "-k", kernel.build, "--exec", "true", "-n");
  expect(dry).toMatchObject({ status: 0, stdout: expect.stringContaining("-kernel ") });
});
