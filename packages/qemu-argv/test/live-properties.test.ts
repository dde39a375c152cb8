import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import * as qemu from "../src/index.js";
import type { QemuOption } from "../src/index.js";
import { type Ask, qemuProgram, withQemu } from "./qmp.js";

// What the functions say of generated options is compared with what a running QEMU says. A start costs a fifth of a second: many
// options share one.

const directory = mkdtempSync(join(tmpdir(), "live-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Something that QEMU makes of an option, and whose properties it tells over QMP. */
interface Subject {
  readonly flag: string;
  readonly driver: string;
  readonly fixed: readonly string[];
  readonly booleans: readonly string[];
  readonly numbers: readonly string[];
  readonly path: string;
}

const subjects: readonly Subject[] = [
  {
    flag: "device",
    driver: "virtio-rng-pci",
    fixed: [],
    booleans: ["multifunction", "ats", "page-per-vq", "event_idx", "indirect_desc", "notify_on_empty"],
    numbers: ["period", "max-bytes"],
    path: "/machine/peripheral/",
  },
  {
    flag: "object",
    driver: "memory-backend-ram",
    fixed: ["size=1M"],
    booleans: ["share", "dump", "merge"],
    numbers: [],
    path: "/objects/",
  },
  {
    flag: "object",
    driver: "throttle-group",
    fixed: [],
    booleans: [],
    numbers: ["x-iops-write", "x-bps-read", "x-iops-read"],
    path: "/objects/",
  },
];

const on = fc.constantFrom("on", "yes", "true", "y");
const off = fc.constantFrom("off", "no", "false", "n");
const largest: Record<string, bigint> = { period: 2n ** 32n - 1n, "max-bytes": 2n ** 63n - 1n };

function numberFor(key: string): fc.Arbitrary<bigint> {
  const max = largest[key] ?? 1_000_000n;
  return fc.oneof(fc.bigInt({ min: 1n, max }), fc.constantFrom(1n, max));
}

/** One element of an option's text, in every way to say it. */
function element({ booleans, numbers }: Subject): fc.Arbitrary<string> {
  const said = booleans.flatMap((key) => [
    fc.oneof(on, off).map((value) => `${key}=${value}`),
    // A key alone that begins with `no` says something of the rest.
    fc.constantFrom(...(key.startsWith("no") ? [`no${key}`] : [key, `no${key}`])),
  ]);
  return fc.oneof(...said, ...numbers.map((key) => numberFor(key).map((value) => `${key}=${value}`)));
}

/** The text of an option with an id, perhaps a second one, and any elements around it. */
function optionText(subject: Subject, id: string): fc.Arbitrary<string[]> {
  const { flag, driver, fixed } = subject;
  const more = fc.array(element(subject), { maxLength: 6 });
  const second = fc.constantFrom([], [`id=${id}second`]);
  const head = fc.constantFrom(driver, `${flag === "device" ? "driver" : "qom-type"}=${driver}`);
  return fc
    .tuple(head, more, more, second)
    .map(([first, before, after, twice]) => [
      `-${flag}`,
      [first, ...fixed, ...before, `id=${id}`, ...after, ...twice].join(","),
    ]);
}

/** The text of an option in JSON, in single or double quotes, with spaces or without. */
function jsonText(subject: Subject, id: string): fc.Arbitrary<string[]> {
  const { flag, driver, fixed, booleans, numbers } = subject;
  const members = fc.tuple(
    ...booleans.map((key) => fc.boolean().map((value) => `"${key}":${value}`)),
    ...numbers.map((key) => numberFor(key).map((value) => `"${key}":${value}`)),
  );
  const type = flag === "device" ? "driver" : "qom-type";
  const size = fixed.length > 0 ? ['"size":1048576'] : [];
  return fc
    .tuple(members, fc.constantFrom('"', "'"), fc.constantFrom("", " ", "\n"))
    .map(([said, quote, space]) => {
      const text = `{${[`"${type}":"${driver}"`, `"id":"${id}"`, ...size, ...said].join(`,${space}`)}}`;
      return [`-${flag}`, text.replaceAll('"', quote)];
    });
}

function onlyOption(argv: readonly string[]): QemuOption {
  const [option] = qemu.parseArgv(argv);
  if (option === undefined) throw new Error("no option");
  return option;
}

/** A text of a property and an answer of QEMU in one form: booleans, and numbers as digits. */
function meaning(value: unknown): unknown {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return value;
  if (/^(?:on|yes|true|y)$/.test(value)) return true;
  return /^(?:off|no|false|n)$/.test(value) ? false : value;
}

async function expectSame(ask: Ask, subject: Subject, option: QemuOption): Promise<number> {
  const path = `${subject.path}${qemu.optionId(option)}`;
  let compared = 0;
  for (const property of [...subject.booleans, ...subject.numbers]) {
    const said = qemu.optionProperty(option, property);
    if (said === undefined) continue;
    const is = await ask("qom-get", { path, property });
    expect([qemu.renderOption(option)[1], property, meaning(said)]).toEqual([
      qemu.renderOption(option)[1],
      property,
      meaning(is),
    ]);
    compared += 1;
  }
  return compared;
}

const machine = qemu.parseArgv(["-M", "pc", "-accel", "tcg", "-m", "64M"]);

/** For samples, which fast-check prints no seed of: the one of all properties, or the run's own where they try others (PROPERTY_SEED=random). */
const seed = fc.readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31);

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed });
}

describe.each(subjects)(`-$flag $driver, as a running QEMU has it (seed ${seed})`, (subject) => {
  const options = Array.from({ length: 24 }, (_, index) =>
    fc
      .sample(fc.oneof(optionText(subject, `t${index}`), jsonText(subject, `j${index}`)), {
        numRuns: 1,
        seed: seed + index,
      })
      .flat(),
  ).map(onlyOption);

  test("optionProperty and optionId", async () => {
    await withQemu([...machine, ...options], directory, async (ask) => {
      let compared = 0;
      for (const option of options) compared += await expectSame(ask, subject, option);
      expect(compared).toBeGreaterThan(15);
    });
  });

  test("setProperty", async () => {
    const edits = sample(
      fc.tuple(
        fc.array(
          fc.oneof(
            ...subject.booleans.map((key) => fc.tuple(fc.constant(key), fc.oneof(fc.boolean(), on, off))),
            ...subject.numbers.map((key) => fc.tuple(fc.constant(key), numberFor(key).map(String))),
          ),
          { minLength: 1, maxLength: 3 },
        ),
      ),
      options.length,
    );
    const edited = options.map((option, index) => {
      const list = [...(edits[index]?.[0] ?? []), ["id", `renamed${index}`] as const];
      // In JSON only what is there has a type that a text could take.
      return list
        .filter(([key]) => !("json" in option || "value" in option) || qemu.optionProperty(option, key))
        .reduce<{ option: QemuOption; set: Map<string, unknown> }>(
          (so, [key, value]) => ({
            option: qemu.setProperty(so.option, key, value),
            set: so.set.set(key, value),
          }),
          { option, set: new Map() },
        );
    });
    await withQemu([...machine, ...edited.map(({ option }) => option)], directory, async (ask) => {
      for (const { option, set } of edited) {
        expect(qemu.optionId(option)).toBe(set.get("id"));
        await expectSame(ask, subject, option);
        for (const [key, value] of set)
          expect(meaning(qemu.optionProperty(option, key))).toBe(meaning(value));
        const again = onlyOption(qemu.renderOption(option));
        for (const key of set.keys()) {
          expect(qemu.optionProperty(again, key)).toBe(qemu.optionProperty(option, key));
        }
      }
    });
  });
});

test(`-drive: its two names of a property, and keys alone (seed ${seed})`, async () => {
  const image = join(directory, "a.img");
  writeFileSync(image, Buffer.alloc(4096));
  const readonly = fc.oneof(
    fc.array(fc.constantFrom("readonly", "noreadonly", "readonly=on", "readonly=off", "readonly=yes"), {
      maxLength: 4,
    }),
    fc.array(fc.constantFrom("read-only", "read-only=on", "read-only=off", "noread-only"), { maxLength: 4 }),
  );
  const limits = fc.oneof(
    fc.array(
      fc.integer({ min: 1, max: 99 }).map((value) => `iops=${value}`),
      { maxLength: 3 },
    ),
    fc.array(
      fc.integer({ min: 1, max: 99 }).map((value) => `throttling.iops-total=${value}`),
      { maxLength: 3 },
    ),
  );
  const drives = sample(fc.tuple(readonly, limits), 30).flatMap(([one, two], index) =>
    qemu.parseArgv([
      "-drive",
      [...one, "if=none", `id=d${index},id=x`, ...two, `file=${image},format=raw`, "file.locking=off"].join(
        ",",
      ),
    ]),
  );
  const changed = drives.map((option, index) =>
    qemu.setProperty(
      qemu.setProperty(option, index % 2 === 0 ? "readonly" : "read-only", index % 3 === 0),
      index % 2 === 0 ? "iops" : "throttling.iops-total",
      index + 1,
    ),
  );
  for (const options of [drives, changed]) {
    await withQemu([...machine, ...options], directory, async (ask) => {
      const blocks = await ask("query-block");
      expect(blocks).toEqual(
        options.map((option) =>
          expect.objectContaining({
            device: qemu.optionId(option),
            inserted: expect.objectContaining({
              ro: meaning(qemu.optionProperty(option, "readonly") ?? "off"),
              iops: Number(qemu.optionProperty(option, "throttling.iops-total") ?? 0),
            }),
          }),
        ),
      );
    });
  }
  expect(changed.map((option) => meaning(qemu.optionProperty(option, "readonly")))).toEqual(
    changed.map((_, index) => index % 3 === 0),
  );
});

test(`-netdev: keys alone, and which id counts with either grammar (seed ${seed})`, async () => {
  const restrict = fc.array(fc.constantFrom("restrict", "norestrict", "restrict=on", "restrict=n"), {
    maxLength: 4,
  });
  const options = sample(restrict, 20).flatMap((said, index) =>
    qemu.parseArgv([
      "-netdev",
      ["user", ...said, `id=n${index}`, "id=x", `net=10.${index}.0.0/16`].join(","),
    ]),
  );
  const streams = qemu.parseArgv(["-netdev", "stream,id=a,id=b,server=on,addr.type=unix,addr.path=s"]);
  await withQemu([...machine, ...options, ...streams], directory, async (ask) => {
    const told = String(await ask("human-monitor-command", { "command-line": "info network" }));
    for (const [index, option] of options.entries()) {
      const restricted = meaning(qemu.optionProperty(option, "restrict") ?? "off") === true ? "on" : "off";
      expect(told).toContain(
        `${qemu.optionId(option)}: index=0,type=user,net=10.${index}.0.0,restrict=${restricted}`,
      );
    }
    for (const option of streams) expect(told).toContain(`${qemu.optionId(option)}: index=0,type=stream`);
  });
});

test(`-serial in short: its path and keys alone (seed ${seed})`, async () => {
  const server = fc.array(fc.constantFrom("server", "noserver", "server=on"), { maxLength: 3 });
  const options = sample(
    fc.tuple(server, fc.constantFrom("", "mon:"), fc.constantFrom("", "path=")),
    4,
  ).flatMap(([said, mux, key], index) =>
    qemu.parseArgv(["-serial", [`${mux}unix:${key}s,,${index}`, ...said, "server=y", "nowait"].join(",")]),
  );
  const changed = options.map((option, index) => qemu.setProperty(option, "path", `t,=${index}`));
  for (const ports of [options, changed]) {
    await withQemu([...machine, ...ports], directory, async (ask) => {
      expect(await ask("query-chardev")).toEqual(
        expect.arrayContaining(
          ports.map((option, index) =>
            expect.objectContaining({
              // Behind mon: it is the base of a multiplexer.
              label: expect.stringMatching(new RegExp(`^serial${index}(?:-base)?$`)),
              filename: `disconnected:unix:${qemu.optionProperty(option, "path")},server=on`,
            }),
          ),
        ),
      );
      expect(ports.map((option) => qemu.optionProperty(option, "wait"))).toEqual(ports.map(() => "off"));
    });
  }
  expect(changed.map((option) => qemu.optionProperty(option, "path"))).toEqual([
    "t,=0",
    "t,=1",
    "t,=2",
    "t,=3",
  ]);
});

/** One feature of a CPU, in every way to say it. */
function featureText(name: string): fc.Arbitrary<string> {
  const other = name.replaceAll("-", "_");
  return fc.constantFrom(`+${name}`, `-${name}`, name, `${name}=on`, `${name}=off`, `${other}=on`);
}

test(`-cpu: + and -, bare names and values (seed ${seed})`, async () => {
  const able = ["pmu", "aes", "hypervisor", "smep", "rdrand", "popcnt"];
  const features = [...able, "kvm-steal-time", "kvm-pv-eoi"];
  const pieces = fc.array(fc.constantFrom(...features).chain(featureText), { minLength: 12, maxLength: 24 });
  for (const said of sample(pieces, 4)) {
    const option = onlyOption(["-cpu", ["max", ...said].join(",")]);
    const edited = features
      .slice(0, 5)
      .reduce((so, name, index) => qemu.setProperty(so, name, index % 2 === 0), option);
    for (const cpu of [option, edited]) {
      await withQemu([...qemu.parseArgv(["-accel", "tcg", "-M", "pc"]), cpu], directory, async (ask) => {
        const path = "/machine/unattached/device[0]";
        for (const property of features) {
          const value = qemu.optionProperty(cpu, property);
          // What TCG cannot do stays off, whatever was asked for.
          if (value === undefined || (!able.includes(property) && meaning(value) === true)) continue;
          expect([qemu.renderOption(cpu)[1], property, await ask("qom-get", { path, property })]).toEqual([
            qemu.renderOption(cpu)[1],
            property,
            meaning(value),
          ]);
        }
      });
    }
    expect(features.slice(0, 5).map((name) => qemu.optionProperty(edited, name))).toEqual([
      "on",
      "off",
      "on",
      "off",
      "on",
    ]);
  }
});

test(`requestedProperty: options that QEMU puts together (seed ${seed})`, async () => {
  const toggles = fc.constantFrom("on", "off");
  const one = fc.oneof(
    fc
      .tuple(
        fc.constantFrom("-M", "-machine", "--machine"),
        fc.constantFrom("usb", "mem_merge", "dump-guest-core"),
        toggles,
      )
      .map(([flag, key, value]) => [flag, `${key}=${value}`]),
    fc.constantFrom(1, 2, 3).map((cpus) => ["-smp", String(cpus)]),
    fc.constantFrom(1, 2, 3).map((cpus) => ["-smp", `cpus=${cpus}`]),
    fc.constantFrom(1, 2, 3).map((cpus) => ["-M", `smp.cpus=${cpus}`]),
    fc.constantFrom("c", "d", "n").map((order) => ["-boot", order]),
    toggles.map((menu) => ["-boot", `menu=${menu}`]),
    fc.constantFrom("c", "d").map((order) => ["-machine", `boot.order=${order}`]),
    fc.constantFrom("32", "48M", "size=64").map((size) => ["-m", size]),
    fc.constant(["-m", "slots=2,maxmem=1G"]),
    fc.constantFrom("a", "b,process=x", "guest=c,,d").map((name) => ["-name", name]),
  );
  const lines = sample(fc.array(one, { minLength: 12, maxLength: 20 }), 6);
  for (const argv of lines) {
    const options = qemu.parseArgv(argv.flat());
    const asked = (flag: string, key: string): unknown => meaning(qemu.requestedProperty(options, flag, key));
    await withQemu([...options, ...qemu.parseArgv(["-accel", "tcg"])], directory, async (ask) => {
      const get = (property: string): Promise<unknown> => ask("qom-get", { path: "/machine", property });
      const boot: { order?: string; menu?: boolean } = (await get("boot")) ?? {};
      const cpus = await ask("query-cpus-fast");
      const { name }: { name?: string } = (await ask("query-name")) ?? {};
      const { "base-memory": bytes }: { "base-memory"?: number } =
        (await ask("query-memory-size-summary")) ?? {};
      const size = qemu.requestedProperty(options, "m", "size");
      expect({
        usb: asked("machine", "usb") ?? false,
        merge: asked("machine", "mem-merge") ?? true,
        dump: asked("M", "dump-guest-core") ?? true,
        cpus: Number(asked("smp", "cpus") ?? 1),
        sameCpus: asked("machine", "smp.cpus"),
        order: qemu.requestedProperty(options, "boot", "order"),
        menu: asked("machine", "boot.menu"),
        name: qemu.requestedProperty(options, "name", "guest"),
        mib: size === undefined ? 128 : qemu.parseMemoryMiB(size),
      }).toEqual({
        usb: await get("usb"),
        merge: await get("mem-merge"),
        dump: await get("dump-guest-core"),
        cpus: Array.isArray(cpus) ? cpus.length : 0,
        sameCpus: asked("smp", "cpus"),
        order: qemu.requestedProperty(options, "M", "boot.order") === undefined ? undefined : boot.order,
        menu: boot.menu,
        name,
        mib: (bytes ?? 0) / 2 ** 20,
      });
    });
  }
});

test(`requestedBoot: the last of each, wherever it is said (seed ${seed})`, async () => {
  const image = Buffer.alloc(16_384);
  image.writeUInt8(1, 0x1f1);
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(0x20c, 0x206);
  image.writeUInt8(1, 0x211);
  image.writeUInt32LE(0x7fff_ffff, 0x22c);
  const names = ["one", "two,2", "three=3"];
  for (const name of names) writeFileSync(join(directory, name), image);
  const name = fc.constantFrom(...names);
  const one = fc.oneof(
    fc.tuple(fc.constantFrom("-kernel", "-initrd", "--append"), name).map((words) => [...words]),
    fc
      .tuple(fc.constantFrom("-M", "-machine"), fc.constantFrom("kernel", "initrd", "append"), name)
      .map(([flag, key, value]) => [flag, `${key}=${value.replaceAll(",", ",,")}`]),
  );
  for (const argv of sample(fc.array(one, { minLength: 3, maxLength: 8 }), 6)) {
    const options = [...machine, ...qemu.parseArgv(["-kernel", "one", ...argv.flat()])];
    await withQemu(options, directory, async (ask) => {
      const boot = qemu.requestedBoot(options);
      for (const property of ["kernel", "initrd", "append"] as const) {
        expect(await ask("qom-get", { path: "/machine", property })).toBe(boot[property] ?? "");
      }
    });
  }
});

test(`requestedAccelerators: the order in which QEMU tries them (seed ${seed})`, () => {
  const accelerator = fc.constantFrom("no1", "no2", "no3", "tcg");
  const byMachine = fc.array(
    fc.oneof(
      fc
        .tuple(fc.constantFrom("-M", "-machine"), fc.array(accelerator, { minLength: 1, maxLength: 3 }))
        .map(([flag, names]) => [flag, `accel=${names.join(":")}`]),
      fc.constant(["-enable-kvm"]),
      fc.constant(["-M", "mem-merge=off"]),
    ),
    { minLength: 1, maxLength: 4 },
  );
  const byFlag = fc.array(
    fc.tuple(
      fc.constant("-accel"),
      fc.oneof(
        accelerator,
        accelerator.map((name) => `accel=${name}`),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  );
  let compared = 0;
  for (const argv of sample(fc.oneof(byMachine, byFlag), 16)) {
    const requested = qemu.requestedAccelerators(qemu.parseArgv(argv.flat()));
    const { stdout, stderr } = spawnSync(
      qemuProgram,
      ["-M", "none", ...argv.flat(), "-S", "-display", "none", "-nodefaults", "-monitor", "stdio"],
      { input: "info kvm\nquit\n", encoding: "utf8" },
    );
    const invalid = [...stderr.matchAll(/invalid accelerator (\w+)/g)].map(([, name]) => name);
    const usable = /failed to initialize kvm/i.test(stderr) ? ["tcg"] : ["tcg", "kvm"];
    const first = requested.findIndex((name) => usable.includes(name));
    // QEMU looks through all of `-machine accel=` first, and at one -accel after the other.
    const tried = argv[0]?.[0] === "-accel" && first !== -1 ? requested.slice(0, first) : requested;
    const runs = /kvm support: enabled/.test(stdout) ? "kvm" : /kvm support/.test(stdout) ? "tcg" : undefined;
    expect({ argv, invalid, runs }).toEqual({
      argv,
      invalid: tried.filter((name) => name.startsWith("no")),
      // Where none is asked for, QEMU has its own.
      runs: requested.length === 0 ? runs : requested[first],
    });
    compared += invalid.length;
  }
  expect(compared).toBeGreaterThan(3);
});
