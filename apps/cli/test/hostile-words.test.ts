import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KEY } from "./installation-stage.js";
import {
  bin,
  configuration,
  makeBuildTree,
  makeSourceRepository,
  type Ended,
  sandbox,
  type Sandbox,
} from "./vm.js";

/** What stands where a file, or a directory, is expected. */
const PLACES = ["fifo", "/dev/zero", "/dev/full", "directory", "absent"] as const;
type Place = (typeof PLACES)[number];

interface PathOption {
  /** The words of the command, with `@` for the path. */
  readonly words: readonly string[];
  /** Its code for what is wrong there; 1 where nothing is said. */
  readonly code?: number;
  /** What may well stand there. */
  readonly welcome?: readonly Place[];
}

const hash = ["--root-password-hash", "$6$a$b"];
const inGuest = ["--exec", "true"];

/** Every option and argument that names a file or a directory which is there already, or makes one. */
const OPTIONS: readonly PathOption[] = [
  { words: ["run", "-k", "@"], code: 249 },
  { words: ["run", "-k", "@", ...inGuest], code: 249 },
  // A directory that nobody has built in is a commit to skip.
  { words: ["run", "-k", "@", "--bisect", ...inGuest], code: 128, welcome: ["directory"] },
  { words: ["run", "-k", "linux", "-i", "@", ...inGuest], code: 249 },
  { words: ["run", "-k", "linux", "--root", "@", ...inGuest], code: 2, welcome: ["directory"] },
  { words: ["run", "-k", "linux", "--ro", "@", "-n", ...inGuest], code: 2, welcome: ["directory"] },
  { words: ["run", "-k", "linux", "--rw", "@", "-n", ...inGuest], code: 2, welcome: ["directory"] },
  { words: ["run", "-k", "linux", "--expose", "@", "-n", ...inGuest], code: 2 },
  { words: ["run", "-k", "linux", "--busybox", "@", "-n", ...inGuest], code: 2 },
  { words: ["run", "-k", "git:HEAD", "--fragments", "@", ...inGuest], code: 249 },
  { words: ["run", "-k", "git:HEAD", "--base", "@", ...inGuest], code: 2 },
  { words: ["run", "-k", "linux", "--console", "@/x", ...inGuest], code: 249, welcome: ["directory"] },
  { words: ["run", "-k", "linux", "--report", "@/x", ...inGuest], code: 249, welcome: ["directory"] },
  { words: ["run", "-k", "linux", "--junit", "@/x", ...inGuest], code: 249, welcome: ["directory"] },
  { words: ["test", "-k", "@", ...inGuest] },
  { words: ["test", "-k", "linux", "@"], code: 249, welcome: ["directory"] },
  { words: ["test", "-k", "linux", "--report", "@/x", ...inGuest], code: 249, welcome: ["directory"] },
  { words: ["test", "-k", "linux", "--junit", "@/x", ...inGuest], code: 249, welcome: ["directory"] },
  { words: ["test", "-k", "linux", "--html", "@/x", ...inGuest], code: 249, welcome: ["directory"] },
  { words: ["kernel", "@"] },
  { words: ["kernel", "--fetch", "debian:sid", "--mirror", "http://127.0.0.1:9", "--keyring", "@"] },
  { words: ["modules", "@"] },
  { words: ["modules-package", "-o", "@"], welcome: ["directory", "absent"] },
  { words: ["kconfig", "merge", "@", "-C", "source"] },
  { words: ["kconfig", "merge", "good.fragment", "-C", "@"] },
  { words: ["kconfig", "merge", "good.fragment", "-C", "source", "--base", "@"] },
  {
    words: ["kconfig", "merge", "good.fragment", "-C", "source", "-O", "@"],
    welcome: ["directory", "absent"],
  },
  {
    words: ["kconfig", "merge", "good.fragment", "-C", "source", "-o", "@/x"],
    welcome: ["directory", "absent"],
  },
  { words: ["kconfig", "check", "@"] },
  { words: ["kconfig", "check", "linux", "@"] },
  { words: ["install", "N", "-n", "--iso", "@", "--ssh-key", KEY] },
  { words: ["install", "N", "-n", "--package-file", "@", ...hash] },
  { words: ["install", "N", "-n", "--bootstrap", "-k", "linux", "--pacman-conf", "@", ...hash] },
  { words: ["gdb", "X", "--vmlinux", "@"] },
  { words: ["dump", "X", "@/x"] },
];

/** Texts that may come out of a pipe, so one that nobody writes is waited for. */
const TEXTS: readonly PathOption[] = ["--ssh-key", "--config", "--root-password-file"].map((flag) => ({
  words: ["install", "N", "-n", flag, "@"],
}));

function place(): Sandbox {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  mkdirSync(join(box.cwd, "directory"));
  const source: Readonly<Record<string, string>> = {
    Kconfig: 'config GOOD\n\tbool "Good"\n',
    Makefile: "olddefconfig:\n\t@true\n%config:\n\t@touch '$(KCONFIG_CONFIG)'\n",
    "scripts/Kconfig.include": "",
  };
  mkdirSync(join(box.cwd, "source/scripts"), { recursive: true });
  for (const [name, text] of Object.entries(source)) writeFileSync(join(box.cwd, "source", name), text);
  writeFileSync(join(box.cwd, "source/.config"), configuration);
  writeFileSync(join(box.cwd, "good.fragment"), "CONFIG_GOOD=y\n");
  writeFileSync(join(box.cwd, "pacman.conf"), "[options]\n");
  makeSourceRepository(box.cwd);
  execFileSync("mkfifo", [join(box.cwd, "fifo")]);
  return box;
}

/** An error is one sentence for a person: no name of an errno, no name of a system call, nothing of JavaScript. */
function fault({ code, stderr }: Ended, expected: number): string | undefined {
  if (code !== expected) return `ended with ${code}, not ${expected}: ${stderr}`;
  if (!/^(?:vm: |\[1\/1\] ERROR)/m.test(stderr)) return `no sentence: ${stderr}`;
  return /\bE[A-Z]{4,}: |\bat .*\.c?js:|undefined/.test(stderr) ? `raw: ${stderr}` : undefined;
}

/** A hang would be one of these seconds; a loaded machine takes some of them. */
const PATIENCE_SECONDS = "40";

async function seen(
  box: Sandbox,
  { words, code = 1, welcome = [] }: PathOption,
  where: Place,
): Promise<string | undefined> {
  const argv = words.map((word) => word.replace("@", where));
  const quoted = argv.map((word) => `'${word}'`).join(" ");
  const ended = await box.sh(
    `exec timeout ${PATIENCE_SECONDS} '${process.execPath}' '${bin}' ${quoted} </dev/null`,
  );
  if (ended.code === 124) return "it waits";
  return welcome.includes(where) ? undefined : fault(ended, code);
}

test.each(PLACES)(
  "%s where a file or a directory is expected ends with a sentence and the code of an error, and nothing waits",
  async (where) => {
    const box = place();
    await box.vm("create", "X", "-s", "1M");
    const options = where === "fifo" ? OPTIONS : [...OPTIONS, ...TEXTS];
    const faults: string[] = [];
    for (const option of options) {
      const found = await seen(box, option, where);
      if (found !== undefined) faults.push(`${option.words.join(" ")}: ${found}`);
    }
    expect(faults).toEqual([]);
  },
  240_000,
);

/** Options with a value that not every text can be; the words of each command without it. */
const VALUES: readonly (readonly [words: readonly string[], flags: readonly string[]])[] = [
  [
    ["run", "-k", "linux", "-n", ...inGuest],
    ["-c", "-m", "--timeout", "--boot-timeout", "--fail-on", "--network", "--share", "--accel", "--arch"],
  ],
  [
    ["test", "-k", "linux", ...inGuest],
    [
      "-c",
      "-m",
      "-j",
      "--timeout",
      "--boot-timeout",
      "--fail-on",
      "--network",
      "--share",
      "--accel",
      "--arch",
    ],
  ],
  [
    ["create", "Y", "-n"],
    ["-c", "-m", "-s", "--arch"],
  ],
  [
    ["import", "image", "Y", "-n"],
    ["-c", "-m", "-s", "--arch", "--format", "--user", "--ssh-key", "--hostname"],
  ],
  [
    ["kernel", "git:HEAD", "-n"],
    ["-j", "--arch"],
  ],
  [
    ["modules-package", "-n"],
    ["--format", "--compression"],
  ],
  [["kconfig", "check", "linux"], ["--for"]],
  [
    ["install", "N", "-n", "--ssh-key", KEY],
    (
      "-c -m -s --accel --root-dev --fs --partition-table --firmware --bootloader " +
      "--locales --timezone --pacman-mirrors --http-proxy --root-password-hash"
    ).split(" "),
  ],
];

test("a value that means nothing is wrong usage in every command, and the option is named", async () => {
  const box = place();
  const faults: string[] = [];
  for (const [words, flags] of VALUES) {
    for (const flag of flags) {
      const values = ["", "0 x", "../x\n"];
      const ends = await Promise.all(values.map((value) => box.vm(...words, flag, value)));
      for (const [index, { code, stdout, stderr }] of ends.entries()) {
        if (code === 2 && stdout === "" && stderr.includes(flag)) continue;
        faults.push(`${words[0]} ${flag} ${JSON.stringify(values[index])}: ${code} ${stderr}`);
      }
    }
  }
  expect(faults).toEqual([]);
}, 240_000);

test("wrong usage is that where standard error takes nothing, but beside a command, whose 2 it may be", async () => {
  const box = sandbox();
  const ends = [
    "run --wrong",
    "run -k x --exec y --wrong",
    "run -k x --bisect --exec y --wrong",
    "test --wrong",
    "kernel --wrong",
    "create",
    "wrong",
    "modules-package --format x",
    "run x --rw",
  ].map(async (words) => (await box.sh(`exec '${process.execPath}' '${bin}' ${words} 2>/dev/full`)).code);
  expect(await Promise.all(ends)).toEqual([2, 249, 128, 249, 2, 2, 2, 2, 2]);
});

test.each([
  ["run", "-k", "a.deb", "b.deb", ...inGuest],
  ["run", "-k", "a.deb", "b.deb"],
  ["run", "-k", "a.rpm", "b.rpm", "c.rpm", ...inGuest],
  ["test", "-k", "a.deb", "b.deb", ...inGuest],
  ["kernel", "a.pkg.tar.zst", "b.pkg.tar.zst"],
  ["modules", "a.deb", "b.deb"],
])("%s with *.deb: it is said how packages are named", async (...words) => {
  const { vm } = sandbox();
  const { code, stderr } = await vm(...words);
  expect(code).toBe(2);
  expect(stderr).toContain("A.deb+B.deb, or the directory that they are in");
});
