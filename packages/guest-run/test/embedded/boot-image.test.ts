import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandArgv } from "@vm/guest-run";
import { expect, test } from "vitest";
import { madeUpRoot, temporaryDirectory } from "./made-up-root.js";

/** The file that QEMU starts, below the tree. */
function bootedFile(
  options: readonly string[],
  { younger }: { readonly younger: "image" | "vmlinux" },
): string {
  const tree = temporaryDirectory();
  const image = join(tree, "arch/x86/boot/bzImage");
  mkdirSync(join(image, ".."), { recursive: true });
  const configFile = join(tree, ".config");
  writeFileSync(
    configFile,
    [
      "VIRTIO_PCI",
      "VIRTIO_CONSOLE",
      "NET_9P",
      "NET_9P_VIRTIO",
      "9P_FS",
      "BINFMT_SCRIPT",
      "BINFMT_ELF",
      "DEVTMPFS",
    ]
      .map((name) => `CONFIG_${name}=y`)
      .concat(options)
      .join("\n"),
  );
  for (const [index, file] of (younger === "image" ? ["vmlinux", image] : [image, "vmlinux"]).entries()) {
    const path = file === image ? image : join(tree, file);
    writeFileSync(path, "");
    utimesSync(path, 1000 + index, 1000 + index);
  }
  const argv = commandArgv({
    guest: {
      kind: "embedded",
      kernel: { image, arch: "x86_64", release: "7.2.0", tree, configFile },
      root: madeUpRoot("x86_64"),
    },
    qemu: "qemu",
    acceleratorOptions: [],
    command: "true",
    environment: {},
    cwd: "/",
    stdin: "none",
  });
  return (argv[argv.indexOf("-kernel") + 1] ?? "").slice(tree.length + 1);
}

const bzImage = "arch/x86/boot/bzImage";

test("a kernel that QEMU can start as a vmlinux is started so, unless its build has not come to its end", () => {
  expect(bootedFile(["CONFIG_PVH=y"], { younger: "image" })).toBe("vmlinux");
  expect(bootedFile(["CONFIG_PVH=y"], { younger: "vmlinux" })).toBe(bzImage);
  expect(bootedFile([], { younger: "image" })).toBe(bzImage);
});

test("a kernel with KASAN or KMSAN, which would end without a word as a vmlinux, is started as its image", () => {
  for (const option of ["CONFIG_KASAN=y", "CONFIG_KMSAN=y"]) {
    expect(bootedFile(["CONFIG_PVH=y", option], { younger: "image" })).toBe(bzImage);
  }
});
