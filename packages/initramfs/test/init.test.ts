import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, truncateSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { put, temporaryDirectory } from "./temporary-directory.js";

const INIT = fileURLToPath(new URL("../guest/vm-initramfs-init", import.meta.url));

test("shellcheck finds nothing", () => {
  const { status, stdout } = spawnSync("shellcheck", [INIT], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

/** Runs a function of init in busybox's shell, with files in the place of the kernel's. */
function runInit(script: string, files: { readonly [path: string]: string } = {}): string {
  const text = readFileSync(INIT, "utf8");
  const start = text.indexOf("\nset -f\n");
  const initial = text.slice(start, text.indexOf("\nmount ", start));
  let functions = text.slice(0, start);
  for (const [path, file] of Object.entries(files))
    functions = functions.replaceAll(`<${path}\n`, `<${file}\n`);
  return execFileSync("busybox", ["sh", "-euc", `${functions}\n${initial}\n${script}`], { encoding: "utf8" });
}

function readParameters(commandLine: string): { [name: string]: string } {
  const names = ["root", "types", "flags", "delay", "mode", "init", "limit", "options"];
  const file = put(temporaryDirectory(), "cmdline", `${commandLine}\n`);
  const print = names.map((name) => String.raw`printf '%s\0' "$vm_${name}"`).join("\n");
  const values = runInit(`vm_read_parameters\n${print}`, { "/proc/cmdline": file }).split("\0");
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

const nothing = { root: "", types: "", flags: "", delay: "", mode: "ro", init: "", limit: "10", options: "" };

test("the parameters of the root are read up to the words that are for init", () => {
  const line =
    'console=ttyS0 root=/dev/root rootfstype=9p,virtiofs rootflags=trans=virtio,msize=262144 rw init=/bin/sh a.b=1 -- -c "root=/dev/no -- rw"';
  expect(readParameters(line)).toEqual({
    ...nothing,
    root: "/dev/root",
    types: "9p virtiofs",
    flags: "trans=virtio,msize=262144",
    mode: "rw",
    init: "/bin/sh",
    options: " a.b=1",
  });
});

test("of a parameter that comes twice the last one counts, and ro and rw take turns", () => {
  expect(readParameters("root=/dev/vda1 rw root=UUID=1-2 ro rootwait rootdelay=3")).toEqual({
    ...nothing,
    root: "UUID=1-2",
    limit: "forever",
    delay: "3",
  });
});

test("quotes group words as they do for the kernel", () => {
  expect(readParameters('x="-- root=/dev/no" root="LABEL=my disk" "init=/my init" rootflags="a b"')).toEqual({
    ...nothing,
    root: "LABEL=my disk",
    init: "/my init",
    flags: "a b",
  });
});

test("no command line can run anything or expand to files", () => {
  const words = [
    "root=$(id)",
    "init=`id`",
    "rootflags=*;id",
    "root=/dev/*",
    "a.b=$HOME",
    "--x",
    "rootfstype=*,?",
  ];
  expect(readParameters(words.join(" "))).toEqual({
    ...nothing,
    root: "/dev/*",
    types: "* ?",
    flags: "*;id",
    init: "`id`",
    options: " a.b=$HOME",
  });
});

test("words and quotes are split as the kernel's next_arg splits them", () => {
  const word = constantFrom("--", "root=", "init=", "a", '"', "b=", "/x", " ", " ", "rw", "ro");
  assert(
    property(array(word, { maxLength: 14 }), (parts) => {
      const line = parts.join("").replaceAll(/ +/g, " ").trim();
      const expected = { ...nothing };
      for (const [name, value] of kernelParameters(line)) {
        if (name === "root" && value !== null) expected.root = value;
        if (name === "init" && value !== null) expected.init = value;
        if (value === null && (name === "ro" || name === "rw")) expected.mode = name;
      }
      const found = readParameters(line);
      expect({ root: found["root"], init: found["init"], mode: found["mode"] }).toEqual({
        root: expected.root,
        init: expected.init,
        mode: expected.mode,
      });
    }),
    { numRuns: 80 },
  );
});

/** lib/cmdline.c: next_arg and kernel/params.c: parse_args, up to `--`. */
function* kernelParameters(line: string): Generator<readonly [name: string, value: string | null]> {
  for (let rest = line.trimStart(); rest !== "";) {
    let quoted = rest.startsWith('"');
    const whole = quoted;
    if (whole) rest = rest.slice(1);
    let equals = 0;
    let end = 0;
    for (; end < rest.length; end++) {
      if (rest[end] === " " && !quoted) break;
      if (equals === 0 && rest[end] === "=") equals = end;
      if (rest[end] === '"') quoted = !quoted;
    }
    let word = rest.slice(0, end);
    rest = rest.slice(end + 1).trimStart();
    if (equals === 0) {
      if (whole && word.endsWith('"')) word = word.slice(0, -1);
      if (word === "--") return;
      yield [word, null];
    } else {
      let value = word.slice(equals + 1);
      if (value.startsWith('"')) {
        value = value.slice(1);
        if (value.endsWith('"')) value = value.slice(0, -1);
      } else if (whole && value.endsWith('"')) value = value.slice(0, -1);
      yield [word.slice(0, equals), value];
    }
  }
}

test.each(["gpt", "dos"])(
  "the PARTUUID of a partition on a disk with a %s label is read as sfdisk wrote it",
  (label) => {
    const directory = temporaryDirectory();
    const disk = put(directory, "disk.raw", "");
    truncateSync(disk, 16 << 20);
    const input = `label: ${label}\nstart=1MiB, size=1MiB\nstart=3MiB, size=1MiB\nstart=5MiB, size=1MiB\n`;
    execFileSync("sfdisk", ["--quiet", disk], {
      input,
      env: { ...process.env, PATH: `${process.env["PATH"]}:/sbin:/usr/sbin` },
    });
    put(directory, "sys/uevent", `MAJOR=254\nDEVNAME=${relative("/dev", disk)}\nDEVTYPE=disk\n`);
    put(directory, "sys/queue/logical_block_size", "512\n");
    for (const number of [1, 2, 3]) {
      const partition = join(directory, `sys/part${number}`);
      put(partition, "uevent", `MAJOR=254\nDEVNAME=part${number}\n`);
      put(partition, "partition", `${number}\n`);
      const found = runInit(`vm_partuuid ${partition}; printf %s "$vm_value"`);
      expect(found).toBe(partUuid(disk, number));
      put(partition, "uevent", "DEVNAME=part\nPARTUUID=told-by-the-kernel\n");
      expect(runInit(`vm_partuuid ${partition}; printf %s "$vm_value"`)).toBe("told-by-the-kernel");
    }
  },
);

function partUuid(disk: string, number: number): string {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/sbin:/usr/sbin` };
  const dump = execFileSync("sfdisk", ["--dump", disk], { encoding: "utf8", env });
  const uuid = [...dump.matchAll(/uuid=([\w-]+)/g)][number - 1]?.[1];
  const id = /label-id: 0x(\w+)/.exec(dump)?.[1];
  return (uuid ?? `${id}-${String(number).padStart(2, "0")}`).toLowerCase();
}
