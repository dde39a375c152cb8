import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgv, renderArgv } from "@vm/qemu-argv";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inWords, renderDomain, type Domain, type MachineFacts } from "../../src/libvirt/domain.js";
import { domainIdentity } from "../../src/libvirt/identity.js";

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "vm-domain-"));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const home = "/home/me/vms";

function domainOf(words: readonly string[], facts: Partial<MachineFacts> = {}): Domain {
  const name = facts.name ?? "TestVM";
  return renderDomain({
    name,
    arch: "x86_64",
    qemu: "/usr/bin/qemu-system-x86_64",
    options: parseArgv(words),
    ...domainIdentity(home, name),
    ...facts,
  });
}

/** libvirt's own schema, with libxml2's parser; one process for all. */
function checkSchema(documents: readonly string[]): void {
  const files = documents.map((text, index) => {
    const file = join(place, `${index}.xml`);
    writeFileSync(file, text);
    return file;
  });
  execFileSync("xmllint", ["--noout", "--relaxng", "/usr/share/libvirt/schemas/domain.rng", ...files], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** What a parser that is not ours reads. */
function query(xml: string, xpath: string): string {
  return execFileSync("xmllint", ["--xpath", xpath, "-"], { input: xml, encoding: "utf8" }).replace(
    /\n$/,
    "",
  );
}

const usual = [
  ["-accel", "tcg"],
  ["-cpu", "max"],
  ["-smp", "2"],
  ["-m", "2G"],
  ["-nodefaults"],
  ["-display", "none"],
  ["-serial", "mon:stdio"],
  ["-drive", "if=virtio,format=qcow2,file=/vms/TestVM/root.qcow2"],
  ["-nic", "user,model=virtio-net-pci"],
  ["-device", "virtio-rng-pci"],
  ["-device", "i6300esb"],
  ["-device", "vmcoreinfo"],
  ["-kernel", "/linux/bzImage"],
  [
    "-virtfs",
    "local,id=modules,path=/linux,mount_tag=modules,security_model=none,readonly=on,multidevs=remap",
  ],
  ["-append", "root=/dev/vda1 rw"],
].flat();

test("what vm create and -k bring is all in XML", () => {
  const { xml, commandLine, notes } = domainOf(usual);
  expect(renderArgv(commandLine)).toEqual([]);
  expect(notes).toEqual([]);
  expect(xml).not.toContain("qemu:commandline");
  for (const [xpath, value] of [
    ["/domain/@type", "qemu"],
    ["/domain/name", "TestVM"],
    ["/domain/memory", String(2 * 1024 ** 3)],
    ["/domain/vcpu", "2"],
    ["/domain/os/type/@machine", "pc"],
    ["/domain/os/kernel", "/linux/bzImage"],
    ["/domain/os/cmdline", "root=/dev/vda1 rw"],
    ["/domain/cpu/@mode", "maximum"],
    ["/domain/cpu/topology/@cores", "2"],
    ["//disk/source/@file", "/vms/TestVM/root.qcow2"],
    ["//disk/target/@dev", "vda"],
    ["//interface[@type='user']/mac/@address", domainIdentity(home, "TestVM").macAddress(0)],
    ["//filesystem[@accessmode='squash']/source/@dir", "/linux"],
    ["count(//filesystem/readonly)", "1"],
    ["count(//serial[@type='pty'])", "1"],
    ["count(//rng) + count(//watchdog) + count(//vmcoreinfo)", "3"],
    ["count(//address)", "5"],
  ] as const) {
    expect([xpath, query(xml, `string(${xpath})`)]).toEqual([xpath, value]);
  }
  checkSchema([xml]);
});

test.each([
  [
    ["-nic", "user,hostfwd=tcp:127.0.0.1:2222-:22"],
    ["-nic", "user,hostfwd=tcp:127.0.0.1:2222-:22"],
  ],
  [["-s"], ["-s"]],
  [
    ["-m", "1G,slots=2,maxmem=4G"],
    ["-m", "1G,slots=2,maxmem=4G"],
  ],
  [
    ["-M", "q35,hpet=off"],
    ["-machine", "hpet=off"],
  ],
  [
    ["-cpu", "qemu64,+ssse3"],
    ["-cpu", "qemu64,+ssse3"],
  ],
  [
    ["-drive", "if=virtio,file=/a.img"],
    ["-drive", "if=virtio,file=/a.img", "-boot", "strict=off"],
  ],
  [
    ["-drive", "if=virtio,format=raw,file=/dev/sdb"],
    ["-drive", "if=virtio,format=raw,file=/dev/sdb", "-boot", "strict=off"],
  ],
  // Disks are named by their order: all of them, or none.
  [
    ["-drive", "if=virtio,format=raw,file=/a", "-drive", "if=virtio,format=raw,file=/b,snapshot=on"],
    [
      "-drive",
      "if=virtio,format=raw,file=/a",
      "-drive",
      "if=virtio,format=raw,file=/b,snapshot=on",
      "-boot",
      "strict=off",
    ],
  ],
  // Options about every disk would miss those of libvirt.
  [
    ["-drive", "if=virtio,format=raw,file=/a", "-snapshot"],
    ["-drive", "if=virtio,format=raw,file=/a", "-snapshot", "-boot", "strict=off"],
  ],
  // What was said of the boot order counts, with libvirt's strict behind it.
  [
    ["-hda", "/a", "-boot", "d"],
    ["-hda", "/a", "-boot", "d", "-boot", "strict=off"],
  ],
  [
    ["-serial", "mon:stdio", "-serial", "file:/log"],
    ["-serial", "pty", "-serial", "file:/log"],
  ],
  [
    ["-device", "virtio-rng-pci,max-bytes=1,period=1"],
    ["-device", "virtio-rng-pci,max-bytes=1,period=1"],
  ],
])("%j is handed to QEMU where XML has no word for it", (words, expected) => {
  const { commandLine, xml } = domainOf(["-nodefaults", ...words]);
  expect(renderArgv(commandLine)).toEqual(expected);
  expect(Number(query(xml, "count(//*[local-name()='arg'])"))).toBe(expected.length);
  checkSchema([xml]);
});

test("what cannot be the same is said", () => {
  const notes = domainOf(["-S", "-monitor", "stdio", "-accel", "tcg,thread=single"], { name: "7" }).notes;
  for (const said of ["-S", "-monitor", "thread=single", "-nodefaults", '"7"']) {
    expect(notes.filter((note) => note.includes(said))).toHaveLength(1);
  }
  expect(() => domainOf(["-accel", "hvf"])).toThrow(expect.objectContaining({ code: "LIBVIRT_NO_WORD" }));
  expect(() => domainOf(["-smp", "4,clusters=2"])).toThrow(
    expect.objectContaining({ code: "LIBVIRT_NO_WORD" }),
  );
  expect(() => domainOf(["-numa", "node,memdev=m0"])).toThrow(
    expect.objectContaining({ code: "LIBVIRT_NO_WORD" }),
  );
  expect(() => domainOf(["-kernel", "/a\u0001b"])).toThrow(
    expect.objectContaining({ code: "LIBVIRT_UNWRITABLE" }),
  );
});

test.each([
  ["-chardev", "stdio,id=c,mux=on"],
  ["-debugcon", "stdio"],
  ["-parallel", "stdio"],
])("%s %s has no terminal under libvirt, which is said", (...words) => {
  const { commandLine, notes } = domainOf(words);
  expect(commandLine.map(inWords)).toContain(words.join(" "));
  expect(notes).toContainEqual(expect.stringMatching(/stdio.* has no terminal/));
});

test.each([
  ["2", "2", { sockets: "1", cores: "2", threads: "1" }],
  ["4,sockets=2", "4", { sockets: "2", cores: "2", threads: "1" }],
  ["8,cores=2,threads=2", "8", { sockets: "2", cores: "2", threads: "2" }],
  ["sockets=2,cores=3", "6", { sockets: "2", cores: "3", threads: "1" }],
  ["2,maxcpus=4", "4", { sockets: "1", cores: "4", threads: "1" }],
])("-smp %s has QEMU's topology", (smp, cpus, topology) => {
  const { xml } = domainOf(["-smp", smp]);
  expect(query(xml, "string(//vcpu)")).toBe(cpus);
  for (const [part, count] of Object.entries(topology))
    expect(query(xml, `string(//topology/@${part})`)).toBe(count);
});

test("a machine that has no slots of PCI keeps its devices in QEMU's order", () => {
  const { commandLine } = domainOf(
    ["-M", "s390-ccw-virtio", "-drive", "if=virtio,format=raw,file=/a", "-device", "virtio-rng-ccw"],
    { arch: "s390x" },
  );
  expect(renderArgv(commandLine).slice(0, 4)).toEqual([
    "-drive",
    "if=virtio,format=raw,file=/a",
    "-device",
    "virtio-rng-ccw",
  ]);
});

test("uuid and addresses are of the home and the name, and of nothing else", () => {
  const own = domainIdentity(home, "a");
  expect(domainIdentity(home, "a").uuid).toBe(own.uuid);
  expect(own.uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  const others = [
    domainIdentity(home, "b"),
    domainIdentity("/other", "a"),
    domainIdentity("/home/me", "vms/a"),
  ];
  expect(new Set([own, ...others].map(({ uuid }) => uuid)).size).toBe(4);
  expect(own.macAddress(0)).toMatch(/^52:54:00(?::[\da-f]{2}){3}$/);
  expect(own.macAddress(0)).not.toBe(own.macAddress(1));
  const given = "12345678-1234-1234-1234-123456789abc";
  expect(query(domainOf(["-uuid", given]).xml, "string(//uuid)")).toBe(given);
});

/** Any text that XML can hold. */
const text = fc
  .string({ unit: "binary", minLength: 1, maxLength: 40 })
  // oxlint-disable-next-line no-control-regex -- They are what it leaves out.
  .filter((each) => !/[\0-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/u.test(each));

test("any name and any path is read back by a parser as it was", () => {
  fc.assert(
    fc.property(text, (given) => {
      const { xml } = domainOf(
        [
          "-nodefaults",
          "-kernel",
          `/${given}`,
          "-append",
          given,
          "-drive",
          `if=virtio,format=raw,file=/${given.replaceAll(",", ",,")}`,
          "-fw_cfg",
          `name=opt/x,string=${given.replaceAll(",", ",,")}`,
        ],
        { name: given },
      );
      const read = query(
        xml,
        "concat(/domain/name, '|', //kernel, '|', //cmdline, '|', //disk/source/@file, '|', //*[local-name()='arg'][2]/@value, '|')",
      );
      const option = `name=opt/x,string=${given.replaceAll(",", ",,")}`;
      expect(read).toBe([given, `/${given}`, given, `/${given}`, option, ""].join("|"));
    }),
    { numRuns: 60 },
  );
});

/** Options with a mark in each that is nowhere else, as words. */
const marked = fc.array(
  fc.constantFrom<((mark: string) => string[])[]>(
    (mark) => ["-drive", `if=virtio,format=qcow2,file=/${mark}`],
    (mark) => ["-drive", `if=none,id=${mark},format=raw,file=/x`],
    (mark) => ["-hda", `/${mark}`],
    (mark) => ["-cdrom", `/${mark}`],
    (mark) => ["-blockdev", `{"driver":"file","node-name":"${mark}","filename":"/x"}`],
    (mark) => ["-device", `nvme,serial=${mark}`],
    (mark) => ["-device", `{"driver":"nvme","serial":"${mark}"}`],
    (mark) => ["-virtfs", `local,path=/${mark},mount_tag=t,security_model=none`],
    (mark) => ["-virtfs", `local,path=/x,mount_tag=${mark},security_model=mapped-file`],
    (mark) => ["-netdev", `user,id=${mark}`],
    (mark) => ["-nic", `user,model=e1000,hostname=${mark}`],
    (mark) => ["-serial", `file:/${mark}`],
    (mark) => ["-chardev", `socket,id=${mark},path=/s,server=on`],
    (mark) => ["-object", `rng-random,id=${mark},filename=/dev/urandom`],
    (mark) => ["-fw_cfg", `name=opt/${mark},string=x`],
    (mark) => ["-machine", `q35,x-${mark}=on`],
    (mark) => ["-name", mark],
    (mark) => ["-qmp", `unix:/${mark},server=on`],
    (mark) => ["-global", `driver.${mark}=1`],
    (mark) => ["-m", `1G,maxmem=${mark}`],
    (mark) => ["-rtc", `base=${mark}`],
    (mark) => ["-boot", `order=${mark}`],
    (mark) => [`/${mark}`],
    (mark) => ["-smbios", `type=1,serial=${mark}`],
  ),
  { maxLength: 12 },
);

test("nothing of a command line is lost: what is not in XML stands behind it", () => {
  const documents: string[] = [];
  fc.assert(
    fc.property(marked, (made) => {
      const marks = made.map((_, index) => `mark${index}end`);
      const words = made.flatMap((make, index) => make(marks[index] ?? ""));
      const { xml } = domainOf(words);
      documents.push(xml);
      expect(marks.filter((mark) => xml.split(mark).length !== 2)).toEqual([]);
    }),
    { numRuns: 200 },
  );
  checkSchema(documents);
});

test("devices in XML have slots of their own, in their order", () => {
  const disks = Array.from({ length: 20 }, (_, at) => ["-drive", `if=virtio,format=raw,file=/${at}`]).flat();
  const { xml } = domainOf(disks);
  const slots = [...xml.matchAll(/slot="0x([\da-f]+)"/g)].map(([, slot = ""]) => Number.parseInt(slot, 16));
  expect(slots).toEqual(Array.from({ length: 20 }, (_, at) => 0x1e - 19 + at));
});
