import { expect, test } from "vitest";
import { parseArgv, rebasePaths, renderArgv } from "../src/index.js";

function rebase(...argv: string[]): string[] {
  return renderArgv(rebasePaths(parseArgv(argv), "/home/me"));
}

test("relative paths of disks, images and shares become absolute", () => {
  expect(rebase("-boot", "d", "arch.iso", "-no-reboot")).toEqual([
    "-boot",
    "d",
    "/home/me/arch.iso",
    "-no-reboot",
  ]);
  expect(rebase("-cdrom", "./a,b.iso")).toEqual(["-cdrom", "/home/me/./a,b.iso"]);
  expect(rebase("-drive", "file=a,,b.img,if=none")).toEqual(["-drive", "file=/home/me/a,,b.img,if=none"]);
  expect(rebase("-virtfs", "local,path=src,mount_tag=src,security_model=none")).toEqual([
    "-virtfs",
    "local,path=/home/me/src,mount_tag=src,security_model=none",
  ]);
  expect(rebase("-blockdev", '{"driver":"qcow2","file":{"driver":"file","filename":"x.img"}}')).toEqual([
    "-blockdev",
    '{"driver":"qcow2","file":{"driver":"file","filename":"/home/me/x.img"}}',
  ]);
  expect(rebase("-serial", "file:log", "-qmp", "unix:q.sock,server=on,wait=off")).toEqual([
    "-serial",
    "file:/home/me/log",
    "-qmp",
    "unix:/home/me/q.sock,server=on,wait=off",
  ]);
});

test("absolute paths, protocols and what is no path stay as they are", () => {
  const argv = [
    "-drive",
    "file=nbd://host/x",
    "-hda",
    "/a.img",
    "-serial",
    "stdio",
    "-device",
    "virtio-rng-pci,id=path",
  ];
  expect(rebase(...argv)).toEqual(argv);
  const colon = ["-drive", "file=fat:rw:dir", "-append", "root=/dev/vda1 file=x", "-name", "file"];
  expect(rebase(...colon)).toEqual(colon);
});

test("a name with a colon behind a slash is a path, as for QEMU", () => {
  expect(rebase("-hda", "./a:b.img")).toEqual(["-hda", "/home/me/./a:b.img"]);
});
