import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { architectures } from "@vm/qemu-argv";
import { expect, test } from "vitest";
import { checkRootPrograms, commandArgv, findQemu } from "@vm/guest-run";
import { fileInRoot, programArchitecture } from "../../src/embedded/root-program.js";
import { makePipe } from "../../src/pipe/named-pipe.js";
import { madeUpRoot, put, temporaryDirectory } from "./made-up-root.js";

/** What QEMU would be started with, a word a line; `root` and `image` by these names. */
function argvOf(
  arch: string,
  {
    image = "/image",
    root = madeUpRoot(arch),
    qemu = "qemu",
    init = "script",
    network = "none",
  }: {
    image?: string;
    root?: string;
    qemu?: string;
    init?: "script" | "systemd";
    network?: "none" | "user" | "isolated";
  } = {},
): string[] {
  return commandArgv({
    guest: {
      kind: "embedded",
      kernel: { image, arch, release: "6.1.0", tree: "/tree" },
      root,
      init,
      network,
    },
    qemu,
    acceleratorOptions: [],
    command: "true",
    environment: {},
    cwd: "/",
    stdin: "none",
  }).map((word) => word.replace(root, "ROOT"));
}

/** Without the words that are the same everywhere. */
function differing(arch: string): string[] {
  const [common, own] = [argvOf("x86_64"), argvOf(arch)];
  return own.filter((word) => !common.includes(word)).map((word) => word.replace(/ -- -c ".*$/s, " ..."));
}

const rest = (console: string): string =>
  `console=${console} panic=-1 pty.legacy_count=0 random.trust_cpu=on random.trust_bootloader=on root=/dev/root rootfstype=9p rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=262144 ro console=${console} printk.ignore_loglevel=1 printk.time=1 init=/bin/sh ...`;

test("an ARM guest differs from a PC in its machine and its console", () => {
  expect(differing("aarch64")).toEqual(["virt,gic-version=max", rest("ttyAMA0")]);
  expect(differing("arm")).toEqual(["virt,highmem=off", rest("ttyAMA0")]);
  expect(differing("riscv64")).toEqual(["virt", rest("ttyS0")]);
  expect(differing("ppc64le")).toEqual([
    "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off",
    rest("hvc0"),
  ]);
});

test("an s390x guest has all its devices on channels", () => {
  expect(differing("s390x")).toEqual([
    "s390-ccw-virtio",
    rest("ttysclp0"),
    "-fsdev",
    "local,id=vm-root,path=ROOT,security_model=none,readonly=on,multidevs=remap",
    "virtio-9p-ccw,fsdev=vm-root,mount_tag=/dev/root",
    "-fsdev",
    "local,id=modules,path=/tree,security_model=none,readonly=on,multidevs=remap",
    "virtio-9p-ccw,fsdev=modules,mount_tag=modules",
    "virtio-serial-ccw,id=vm-ports,max_ports=6",
  ]);
});

test("there is no network card unless one is asked for, and an isolated one reaches nobody", () => {
  const card = "virtio-net-pci,netdev=vm-net,romfile=";
  expect(argvOf("x86_64")).not.toContain(card);
  expect(argvOf("x86_64", { network: "user" })).toEqual(expect.arrayContaining([card, "user,id=vm-net"]));
  expect(argvOf("x86_64", { network: "isolated" })).toEqual(
    expect.arrayContaining([card, "user,id=vm-net,restrict=on"]),
  );
});

test("the kernel command line has room for more on every architecture", () => {
  for (const { name } of architectures) {
    const root = madeUpRoot(name);
    put(join(root, "usr/lib/systemd/systemd"), "");
    for (const program of ["mkdir", "ln"]) put(join(root, "usr/bin", program), "");
    for (const init of ["script", "systemd"] as const) {
      const parameters = argvOf(name, { root, init }).find((word) => word.startsWith("console=")) ?? "";
      // s390x has the least: 896 bytes.
      expect(parameters).toMatch(/^console=/);
      expect(parameters.length).toBeLessThan(800);
    }
  }
});

test.each(["aarch64", "arm"])("QEMU for %s takes the whole of the embedded guest's options", async (arch) => {
  const image = put(join(temporaryDirectory(), "Image"), Buffer.alloc(4096));
  const root = madeUpRoot(arch);
  const [qemu = "", ...args] = argvOf(arch, { image, root, qemu: findQemu({ arch }) }).map((word) =>
    word.replace("ROOT", root).replace("path=/tree", "path=/"),
  );
  // The channels from descriptor 3 on: a pipe for the console; sockets for output, errors, script, status.
  const { reader, writer } = makePipe();
  const child = spawn(qemu, ["-accel", "tcg", ...args, "-S", "-monitor", "stdio"], {
    stdio: ["pipe", "ignore", "pipe", writer, "pipe", "pipe", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr?.on("data", (data: Buffer) => (complaint += data.toString()));
  child.stdin?.write("quit\n");
  const [status] = await once(child, "close");
  for (const end of [reader, writer]) closeSync(end);
  expect({ status, complaint }).toEqual({ status: 0, complaint: "" });
});

test("a root whose programs the kernel cannot run is refused, with the command that makes another", () => {
  expect(() => checkRootPrograms("/", "aarch64")).toThrow(
    expect.objectContaining({
      code: "ROOT_UNUSABLE",
      message:
        "/ cannot be the guest's root: its /bin/sh is a program for x86_64, the kernel is for aarch64.",
      hint: expect.stringMatching(/--root.*mmdebstrap --variant=extract --arch=arm64 --include=/),
    }),
  );
  expect(() => argvOf("s390x", { root: madeUpRoot("ppc64") })).toThrow("for ppc64, the kernel is for s390x");
  expect(() => checkRootPrograms(madeUpRoot("ppc64"), "ppc64le")).toThrow("/bin/sh is a program for ppc64");
  expect(() => checkRootPrograms(madeUpRoot("i386"), "x86_64")).not.toThrow();
  expect(() => checkRootPrograms(madeUpRoot("x86_64"), "i386")).toThrow("the kernel is for i386");
});

test("a root without a shell is told so, and a shell that is no ELF file is left to the kernel", () => {
  const root = madeUpRoot("aarch64");
  put(join(root, "usr/bin/dash"), "#!/bin/busybox sh\n");
  expect(() => checkRootPrograms(root, "aarch64")).not.toThrow();
  rmSync(join(root, "usr/bin/dash"));
  expect(() => checkRootPrograms(root, "aarch64")).toThrow("it has no /bin/sh");
  expect(() => checkRootPrograms(join(root, "nowhere"), "aarch64")).toThrow("there is no such directory");
});

test("links in a root are followed inside it, and a circle of them ends", () => {
  const root = madeUpRoot("arm");
  expect(fileInRoot(root, "/bin/sh")).toBe(join(root, "usr/bin/dash"));
  expect(programArchitecture(join(root, "usr/bin/dash"))).toBe("arm");
  symlinkSync("there", join(root, "here"));
  symlinkSync("here", join(root, "there"));
  expect(fileInRoot(root, "here")).toBeUndefined();
  expect(fileInRoot(root, "usr/bin/dash/no")).toBeUndefined();
  unlinkSync(join(root, "bin"));
  expect(fileInRoot(root, "/bin/sh")).toBeUndefined();
  expect(programArchitecture(root)).toBe("unknown");
  expect(programArchitecture("/etc/passwd")).toBe("unknown");
});

test("an architecture without a machine of its own is refused by name", () => {
  expect(() => argvOf("m68k", { root: "/" })).toThrow(
    expect.objectContaining({
      code: "GUEST_UNSUPPORTED",
      message: expect.stringContaining("m68k, but x86_64"),
    }),
  );
});
