import { describe, expect, test } from "vitest";
import * as qemu from "../src/index.js";
import { thrownBy } from "./error-code.js";

function fileArgument(file: string): string | undefined {
  return qemu.renderOption(qemu.drive({ file, format: "raw", interface: "none" }))[1];
}

describe("constructors", () => {
  test("keep a colon in a file's name from naming a protocol", () => {
    expect(fileArgument("a:b.img")).toBe("file=./a:b.img,format=raw,if=none");
    expect(fileArgument("/x/a:b.img")).toBe("file=/x/a:b.img,format=raw,if=none");
  });

  test("forward ports of this machine only, unless told otherwise", () => {
    expect(
      qemu.renderOption(
        qemu.netdevUser({
          id: "net0",
          hostForwards: [
            { hostPort: 2222, guestPort: 22 },
            { protocol: "udp", hostAddress: "0.0.0.0", hostPort: 5353, guestPort: 53 },
          ],
          props: [["restrict", "on"]],
        }),
      ),
    ).toStrictEqual([
      "-netdev",
      "user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=udp:0.0.0.0:5353-:53,restrict=on",
    ]);
  });

  test("write a share as virtio-9p wants it", () => {
    expect(
      qemu.renderOption(
        qemu.virtfsShare({
          id: "m",
          path: "/src/a,b",
          mountTag: "modules",
          access: "read-only",
          multidevs: "remap",
        }),
      )[1],
    ).toBe("local,id=m,path=/src/a,,b,mount_tag=modules,security_model=none,readonly=on,multidevs=remap");
  });

  test("count memory in MiB", () => {
    expect(qemu.renderArgv([qemu.memory(512), qemu.memory("2G")])).toStrictEqual(["-m", "512M", "-m", "2G"]);
    expect(["512", "2G", "1.5g", "1024K", "1T", "4M"].map(qemu.parseMemoryMiB)).toStrictEqual([
      512, 2048, 1536, 1, 1_048_576, 4,
    ]);
  });

  const share = { id: "x", path: "/x", mountTag: "x", access: "read-only" as const };
  const socket = { backend: "socket" as const, id: "x", role: "client" as const };
  test.each<[string, () => unknown]>([
    ["an id that QEMU refuses", () => qemu.netdevUser({ id: "0net" })],
    ["an id with a comma", () => qemu.virtfsShare({ ...share, id: "a,b" })],
    ["a mount tag of 32 bytes", () => qemu.virtfsShare({ ...share, mountTag: "é".repeat(16) })],
    ["an empty mount tag", () => qemu.virtfsShare({ ...share, mountTag: "" })],
    ["an empty path", () => qemu.virtfsShare({ ...share, path: "" })],
    ["a socket path of 108 bytes", () => qemu.chardev({ ...socket, path: "x".repeat(108) })],
    ["no CPUs", () => qemu.smp(0)],
    ["half a CPU", () => qemu.smp(0.5)],
    ["no memory", () => qemu.memory(0)],
    ["memory in words", () => qemu.memory("plenty")],
    ["less than 1 MiB", () => qemu.memory("4K")],
    [
      "a port that is none",
      () => qemu.netdevUser({ id: "n", hostForwards: [{ hostPort: 65_536, guestPort: 22 }] }),
    ],
    ["the guest's port 0", () => qemu.netdevUser({ id: "n", hostForwards: [{ hostPort: 1, guestPort: 0 }] })],
    [
      "an empty address",
      () => qemu.netdevUser({ id: "n", hostForwards: [{ hostAddress: "", hostPort: 1, guestPort: 1 }] }),
    ],
    [
      "a node name of 32 characters",
      () => qemu.fileBlockdev({ nodeName: "x".repeat(32), path: "/x", format: "raw", access: "read-only" }),
    ],
  ])("refuse %s", (_, make) => {
    expect(thrownBy(make).code).toBe("QEMU_VALUE_INVALID");
  });

  test("take the longest tag and socket path that there are", () => {
    const longest = [
      qemu.virtfsShare({ ...share, mountTag: "x".repeat(31) }),
      qemu.chardev({ ...socket, path: "x".repeat(107) }),
    ];
    expect(qemu.renderArgv(longest)).toHaveLength(4);
  });
});
