import { describe, expect, test } from "vitest";
import { parseArgv, renderArgv, sharedMemory, virtiofsShare } from "../src/index.js";
import { withQemu } from "./qmp.js";

function added(argv: readonly string[]): string {
  return renderArgv(sharedMemory(parseArgv(argv), "128M")).join(" ");
}

function backend(size: string): string {
  return `-object memory-backend-memfd,id=vm-memory,size=${size},share=on -machine memory-backend=vm-memory`;
}

describe("shared memory", () => {
  test.each([
    [[], `-m 128M ${backend("128M")}`],
    [["-m", "512"], backend("512M")],
    [["-m", "1.5G"], backend("1536M")],
    [["-m", "2G", "-m", "size=1G"], backend("1024M")],
    [["-m", "512", "-m", "slots=2,maxmem=4G"], backend("512M")],
    [["-m", "100000K"], backend("100000K")],
    [["-m", "1025K"], backend("1032K")],
    [["-M", "pc,memory.size=64M"], backend("64M")],
    [["-M", "pc,memory.size=67108864", "-m", "slots=2,maxmem=1G"], backend("64M")],
    [["-m", "32", "-M", "pc,memory.size=64M"], backend("32M")],
  ])("beside %j", (argv, expected) => {
    expect(added(argv)).toBe(expected);
  });

  test.each([
    ["-numa node,memdev=m0", "-object memory-backend-file,id=m0,size=1G,mem-path=/x,share=on"],
    [
      "-machine q35,memory-backend=m0",
      '-object {"qom-type":"memory-backend-memfd","id":"m0","size":1024,"share":true}',
    ],
    ["-numa node,memdev=m0", "-object memory-backend-memfd,id=m0,size=1G"],
    ["-M memory-backend=m1 -M memory-backend=m0", "-object memory-backend-ram,id=m0,size=1G,noshare,share=y"],
  ])("is the person's own with %s", (...options) => {
    expect(added(options.flatMap((option) => option.split(" ")))).toBe("");
  });

  test.each([
    [["-numa", "node,memdev=m0", "-object", "memory-backend-ram,id=m0,size=1G"], "-object m0: ", "share=on"],
    [["-mem-path", "/dev/hugepages"], "-mem-path: ", "-object memory-backend-file"],
  ])("cannot be had with %j", (argv, message, hint) => {
    expect(() => added(argv)).toThrow(
      expect.objectContaining({
        code: "QEMU_VALUE_INVALID",
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  test.each([
    ["-machine q35 -m 96", 96],
    ["-M pc -m size=64,slots=2,maxmem=1G", 64],
    ["-machine microvm", 128],
    ["-machine pc,memory.size=67108864 -m slots=2,maxmem=1G", 64],
  ])("QEMU takes it with %s", async (text, mib) => {
    const options = parseArgv(["-nodefaults", "-accel", "tcg", ...text.split(" ")]);
    await withQemu([...options, ...sharedMemory(options, "128M")], "/", async (ask) => {
      expect(await ask("query-memdev")).toEqual([
        expect.objectContaining({ id: "vm-memory", size: mib * 1024 * 1024, share: true }),
      ]);
    });
  });
});

describe("a virtiofs share", () => {
  test("is a socket and a device, with commas where they belong", () => {
    const share = { id: "src", socket: "/tmp/a,b/src", mountTag: "my,src" };
    expect(renderArgv(virtiofsShare("pci", share))).toEqual([
      "-chardev",
      "socket,id=src,path=/tmp/a,,b/src,server=off",
      "-device",
      "vhost-user-fs-pci,chardev=src,tag=my,,src",
    ]);
    expect(renderArgv(virtiofsShare("ccw", share)).at(-1)).toContain("vhost-user-fs-ccw");
  });

  test("has a tag of at most 36 bytes", () => {
    const share = { id: "src", socket: "/tmp/src", mountTag: "x".repeat(37) };
    expect(() => virtiofsShare("pci", share)).toThrow(
      expect.objectContaining({ code: "QEMU_VALUE_INVALID" }),
    );
  });
});
