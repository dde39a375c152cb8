import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { loadConfig } from "@vm/vm-store";
import { expect, test } from "vitest";
import { importScript, importVm, type ImportVmRequest } from "../../src/index.js";
import { refusal, sizeOf, stage, type Stage } from "../keep/stage.js";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here";

/** A raw disk of 4 MiB with something at both ends. */
function makeRaw({ root }: Stage): string {
  const raw = join(root, "disk, 1.raw");
  writeFileSync(raw, Buffer.alloc(4 << 20));
  execFileSync("qemu-io", ["-f", "raw", "-c", "write -q -P 7 64k 64k", "-c", "write -q -P 8 4032k 64k", raw]);
  return raw;
}

function convert(raw: string, format: string): string {
  const image = `${raw}.${format}`;
  execFileSync("qemu-img", ["convert", "-f", "raw", "-O", format, raw, image]);
  return image;
}

function request(image: string, more: Partial<ImportVmRequest> = {}): ImportVmRequest {
  return { operation: "import-vm", vm: "New", image, ...more };
}

function isSame(raw: string, home: string): boolean {
  return (
    spawnSync("qemu-img", ["compare", "-q", "-f", "raw", raw, join(home, "New/root.qcow2")]).status === 0
  );
}

test.each([
  ["raw", undefined],
  ["qcow2", undefined],
  ["vmdk", undefined],
  ["vdi", undefined],
  ["vhdx", undefined],
  ["vpc", undefined],
  ["raw", ["xz", "-k"]],
  ["raw", ["gzip", "-k"]],
  ["qcow2", ["zstd", "-q"]],
  ["qcow2", ["xz", "-k"]],
] as const)(
  "a VM is made of a %s image, packed by %j, byte for byte, and the image stays",
  async (format, packer) => {
    const place = stage();
    const raw = makeRaw(place);
    const image = format === "raw" ? raw : convert(raw, format);
    if (packer !== undefined) execFileSync(packer[0], [...packer.slice(1), image]);
    const file =
      packer === undefined ? image : `${image}.${{ xz: "xz", gzip: "gz", zstd: "zst" }[packer[0]]}`;
    const before = readFileSync(file);
    await importVm(request(file), place.host);
    expect(isSame(raw, place.home)).toBe(true);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(place.home)).toEqual(["New"]);
    expect(readdirSync(join(place.home, "New")).toSorted()).toEqual(["root.qcow2", "vm.mjs"]);
    expect(await loadConfig({ home: place.home, name: "New" })).toMatchObject({ name: "New" });
  },
);

test("the script of an import makes the same", async () => {
  const place = stage();
  const raw = makeRaw(place);
  execFileSync("xz", ["-k", raw]);
  const script = await importScript(request("disk, 1.raw.xz", { size: "8M" }), place.host);
  expect(existsSync(place.home)).toBe(false);
  execFileSync("sh", ["-c", script], { cwd: "/" });
  expect(sizeOf(join(place.home, "New/root.qcow2"))).toBe(8 << 20);
  expect(readdirSync(join(place.home, "New")).toSorted()).toEqual(["root.qcow2", "vm.mjs"]);
});

test("what is no image, is damaged, or stands on another one is refused, and nothing is made", async () => {
  const place = stage();
  const { root, host, home } = place;
  const raw = makeRaw(place);
  const qcow2 = convert(raw, "qcow2");
  const over = join(root, "over.qcow2");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", "-b", qcow2, "-F", "qcow2", over]);
  execFileSync("xz", ["-k", over]);
  execFileSync("xz", ["-k", raw]);
  truncateSync(`${raw}.xz`, 200);
  const damaged = `${qcow2}.damaged`;
  copyFileSync(qcow2, damaged);
  truncateSync(damaged, 200_000);
  writeFileSync(join(root, "text"), "a text\n".repeat(200));
  // A vmdk of several files: qemu-img would wait for a named pipe for ever, and follow a link.
  const several = join(root, "several.vmdk");
  execFileSync("qemu-img", ["convert", "-O", "vmdk", "-o", "subformat=monolithicFlat", raw, several]);
  const described = (name: string, file: string): string => {
    writeFileSync(join(root, name), readFileSync(several, "utf8").replace("several-flat.vmdk", file));
    return join(root, name);
  };
  execFileSync("mkfifo", [join(root, "pipe")]);
  symlinkSync(raw, join(root, "link"));
  const ofPipe = described("pipe.vmdk", "pipe");
  const ofLink = described("link.vmdk", "link");
  const ofOther = described("other.vmdk", "/etc/passwd");
  const failures: [string, string | undefined][] = [];
  for (const image of [
    "nothing",
    ".",
    "text",
    over,
    `${over}.xz`,
    `${raw}.xz`,
    damaged,
    ofPipe,
    ofLink,
    ofOther,
  ]) {
    failures.push([image.replace(root, ""), (await refusal(importVm(request(image), host))).code]);
  }
  expect(failures).toEqual([
    ["nothing", "IMAGE_UNREADABLE"],
    [".", "IMAGE_UNREADABLE"],
    ["text", "IMAGE_UNKNOWN"],
    ["/over.qcow2", "IMAGE_NOT_ALONE"],
    ["/over.qcow2.xz", "IMAGE_NOT_ALONE"],
    ["/disk, 1.raw.xz", "IMAGE_NOT_IMPORTED"],
    ["/disk, 1.raw.qcow2.damaged", "IMAGE_DAMAGED"],
    ["/pipe.vmdk", "IMAGE_NOT_ALONE"],
    ["/link.vmdk", "IMAGE_NOT_ALONE"],
    ["/other.vmdk", "IMAGE_NOT_ALONE"],
  ]);
  expect(await refusal(importVm(request(raw, { size: "2M" }), host))).toMatchObject({
    code: "DISK_WOULD_SHRINK",
  });
  expect(existsSync(home)).toBe(false);
  await importVm(request(several), host);
  expect(isSame(raw, home)).toBe(true);
});

test("a kernel finds the root file system where the image has it", async () => {
  const place = stage();
  const { root, host, home } = place;
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ["mbr", "label: dos\n1MiB,1MiB,82\n2MiB,5MiB,83\n", "root=/dev/vda2"],
    ["gpt", "label: gpt\n1MiB,1MiB,U\n2MiB,4MiB,L\n6MiB,1MiB,L\n", "root=/dev/vda2"],
    ["whole", undefined, "root=/dev/vda"],
  ];
  for (const [name, table, parameter] of cases) {
    const image = join(root, name);
    writeFileSync(image, Buffer.alloc(9 << 20));
    if (table === undefined) execFileSync("mkfs.ext4", ["-q", image]);
    else execFileSync("sfdisk", ["-q", image], { input: table });
    const packed = convert(image, "vmdk");
    await importVm({ ...request(packed), vm: name }, host);
    const { kernelCmdline } = await loadConfig({ home, name });
    expect([name, kernelCmdline[0]]).toEqual([name, parameter]);
  }
  await importVm({ ...request("mbr"), vm: "nvme", bus: "nvme" }, host);
  expect((await loadConfig({ home, name: "nvme" })).kernelCmdline[0]).toBe("root=/dev/nvme0n1p2");
});

test("cloud-init's disk is a whole file system by its name, with what was asked for", async () => {
  const place = stage();
  const raw = makeRaw(place);
  const key = join(place.root, "id.pub");
  writeFileSync(key, `${KEY}\n`);
  await importVm(request(raw, { user: "me", sshKey: [key], hostname: "box.example" }), place.host);
  const seed = join(place.home, "New/seed.img");
  const check = spawnSync("fsck.fat", ["-n", seed], { encoding: "utf8" });
  expect({ status: check.status, stdout: check.stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("3 files"),
  });
  expect(
    execFileSync("blkid", ["-o", "value", "-s", "LABEL", "-s", "TYPE", seed], { encoding: "utf8" }),
  ).toBe("CIDATA\nvfat\n");
  const text = readFileSync(seed, "latin1");
  const [, user = ""] = /#cloud-config\n(\{.*?\n\})\n/s.exec(text) ?? [];
  expect(JSON.parse(user)).toMatchObject({
    hostname: "box.example",
    users: [{ name: "me", ssh_authorized_keys: [KEY] }],
  });
  expect(text).toContain('"local-hostname": "box.example"');
  const { qemuOptions } = await loadConfig({ home: place.home, name: "New" });
  expect(JSON.stringify(qemuOptions)).toContain("seed.img");
  for (const [more, field] of [
    [{ user: "me" }, "user"],
    [{ user: "Me", sshKey: [KEY] }, "user"],
    [{ sshKey: ["nothing"] }, "sshKey"],
    [{ hostname: "a b" }, "hostname"],
  ] as const) {
    expect(await refusal(importVm({ ...request(raw, more), vm: "Other" }, place.host))).toMatchObject({
      code: "REQUEST_INVALID",
      field,
    });
  }
});
