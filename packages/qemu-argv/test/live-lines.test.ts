import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import * as qemu from "../src/index.js";
import { text } from "./options.arbitrary.js";
import { type Ask, withQemu } from "./qmp.js";

// What the functions say of whole generated command lines, or make of them, is compared with what a running QEMU makes of the same.

const directory = mkdtempSync(join(tmpdir(), "live-lines-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const seed = fc.readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31);

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed });
}

const tcg = qemu.parseArgv(["-accel", "tcg"]);

test(`requestedCpu: the model of the last -cpu, whatever is around it (seed ${seed})`, async () => {
  const models = ["max", "base", "486", "qemu64-v1", "Nehalem", "core2duo"];
  const features = ["", ",pmu=off", ",+aes", ",-sse4_2,aes", ",model-id=a model", ",vendor=GenuineIntel,"];
  const one = fc.oneof(
    fc
      .tuple(fc.constantFrom("-cpu", "--cpu"), fc.constantFrom(...models), fc.constantFrom(...features))
      .map(([flag, model, rest]) => [flag, model + rest]),
    fc.constantFrom(["-M", "q35"], ["-M", "usb=off"], ["-smp", "2"], ["-m", "32"]),
    // Words that look like the option, and are the argument of another.
    fc.constantFrom(["-name", "-cpu"], ["-name", "--cpu"], ["-uuid", "33333333-3333-3333-3333-333333333333"]),
  );
  let named = 0;
  for (const argv of sample(fc.array(one, { minLength: 2, maxLength: 8 }), 14)) {
    const options = qemu.parseArgv(argv.flat());
    const cpu = qemu.requestedCpu(options);
    await withQemu([...options, ...tcg], directory, async (ask) => {
      expect([argv, `${cpu ?? "qemu64"}-x86_64-cpu`]).toEqual([argv, await cpuType(ask)]);
    });
    if (cpu !== undefined) named += 1;
  }
  expect(named).toBeGreaterThan(7);
});

async function cpuType(ask: Ask): Promise<unknown> {
  const cpus = await ask("query-cpus-fast");
  const [first]: { "qom-path"?: string }[] = Array.isArray(cpus) ? cpus : [];
  return await ask("qom-get", { path: first?.["qom-path"], property: "type" });
}

/** A size of 8 to 100 MiB in every way to write it. */
const size = fc
  .tuple(
    fc.integer({ min: 8, max: 100 }),
    fc.constantFrom("MiB", "M", "m", "K", "k", "odd", "G", "zeros", "dot"),
  )
  .map(([mib, way]) => {
    if (way === "MiB") return `${mib}`;
    if (way === "odd") return `${mib * 1024 + 1}K`;
    if (way === "dot") return `${mib}.M`;
    if (way === "zeros") return `00${mib}.50M`;
    if (way === "G") return `${mib / 1024}G`;
    return way.toLowerCase() === "k" ? `${mib * 1024}${way}` : `${mib}${way}`;
  });

test(`sharedMemory, parseMemoryMiB: of the same size as QEMU's own (seed ${seed})`, async () => {
  const one = fc.oneof(
    size.map((value) => ["-m", value]),
    size.map((value) => ["-m", `size=${value},slots=1,maxmem=1G`]),
    fc.constant(["-m", "slots=2,maxmem=2G"]),
    fc.integer({ min: 8, max: 64 }).map((mib) => ["-M", `memory.size=${mib * 2 ** 20}`]),
    size.filter((value) => /[mMkKG]$/.test(value)).map((value) => ["-M", `pc,memory.size=${value}`]),
    fc.constantFrom(["-M", "q35"], ["-M", "usb=on"], ["-smp", "2"]),
  );
  for (const argv of sample(fc.array(one, { minLength: 1, maxLength: 4 }), 14)) {
    const options = [...qemu.parseArgv(argv.flat()), ...tcg];
    let own: unknown;
    await withQemu(options, directory, async (ask) => {
      own = await memoryBytes(ask);
    });
    await withQemu([...options, ...qemu.sharedMemory(options, "128M")], directory, async (ask) => {
      const memory = await ask("query-memdev");
      expect([argv, await memoryBytes(ask), memory]).toEqual([
        argv,
        own,
        [expect.objectContaining({ id: "vm-memory", share: true, size: own })],
      ]);
    });
  }
});

async function memoryBytes(ask: Ask): Promise<unknown> {
  const { "base-memory": bytes }: { "base-memory"?: unknown } =
    (await ask("query-memory-size-summary")) ?? {};
  return bytes;
}

test(`missingMachine: a line that names a machine anywhere keeps it (seed ${seed})`, async () => {
  const one = fc.oneof(
    fc
      .tuple(
        fc.constantFrom("-M", "-machine", "--machine"),
        fc.constantFrom("pc", "q35", "type=q35", "type=pc"),
      )
      .map(([flag, type]) => [flag, type]),
    fc.constantFrom(["-M", "usb=off"], ["-machine", "dump-guest-core=off"], ["-name", "-M"], ["-smp", "2"]),
  );
  for (const argv of sample(fc.array(one, { maxLength: 5 }), 10)) {
    const options = [...qemu.parseArgv(argv.flat()), ...tcg];
    let own: unknown;
    await withQemu(options, directory, async (ask) => {
      own = await machineType(ask);
    });
    await withQemu([...qemu.missingMachine("x86_64", options), ...options], directory, async (ask) => {
      expect([argv, await machineType(ask)]).toEqual([argv, own]);
    });
  }
});

async function machineType(ask: Ask): Promise<unknown> {
  return await ask("qom-get", { path: "/machine", property: "type" });
}

function doubled(name: string): string {
  return name.replaceAll(",", ",,");
}

test(`rebasePaths: whatever a file is called, QEMU elsewhere opens it (seed ${seed})`, async () => {
  const from = join(directory, "fr,om =:\\");
  const elsewhere = join(directory, "elsewhere");
  for (const made of [from, elsewhere]) mkdirSync(made);
  const ways: readonly ((name: string, index: number) => string[])[] = [
    (name, index) => ["-drive", `file=${doubled(name)},format=raw,if=none,readonly=on,id=d${index}`],
    (name, index) => [
      "-drive",
      `if=none,id=e${index},format=raw,readonly=on,file.driver=file,file.filename=${doubled(name)}`,
    ],
    (name, index) => ["-blockdev", `driver=file,node-name=f${index},read-only=on,filename=${doubled(name)}`],
    (name, index) => [
      "-blockdev",
      `{ "driver":"file","node-name":"g${index}","read-only":true, "filename":${JSON.stringify(name)}}`,
    ],
    (name, index) => [
      "-drive",
      `file=json:${doubled(`{"driver":"raw","file":{"driver":"file","filename":${JSON.stringify(name)}}}`)},if=none,readonly=on,id=h${index}`,
    ],
    (name, index) => ["-object", `rng-random,id=r${index},filename=${doubled(name)}`],
    (name, index) => ["-chardev", `file,id=c${index},path=${doubled(name)}`],
    (name, index) => ["-chardev", `null,id=p${index},logfile=${doubled(name)}`],
    (name) => ["-serial", `file:${name}`],
    (name) => ["-cdrom", name],
  ];
  const names = sample(text, 200)
    .filter((name) => name !== "" && !/[/:]/.test(name) && Buffer.byteLength(name) < 80)
    .map((name, index) => `${name}${index}`)
    // An image is a word of its own, and a dash makes a flag of it nowhere else.
    .filter((name) => !name.startsWith("-"));
  expect(names.length).toBeGreaterThan(60);
  const picked = names.slice(0, 60).map((name, index) => ({ name, way: index % (ways.length - 1) }));
  picked[59] = { name: picked[59]?.name ?? "", way: ways.length - 1 };
  for (const { name } of picked) writeFileSync(join(from, name), Buffer.alloc(4096));
  const argv = picked.flatMap(
    ({ name, way }, index) => ways[way]?.(index % 7 === 0 ? `./${name}` : name, index) ?? [],
  );
  const options = qemu.rebasePaths(qemu.parseArgv(argv), from);
  const once = qemu.rebasePaths(options, "/another");
  expect(qemu.renderArgv(once)).toEqual(qemu.renderArgv(options));
  await withQemu([...tcg, ...options], elsewhere, async (_, pid) => {
    const descriptors = `/proc/${pid}/fd`;
    const open = readdirSync(descriptors).map((descriptor) => readlinkSync(join(descriptors, descriptor)));
    const missing = picked.filter(({ name }) => !open.includes(join(from, name)));
    expect(missing).toEqual([]);
    return Promise.resolve();
  });
  expect(readdirSync(elsewhere)).toEqual([]);
});
