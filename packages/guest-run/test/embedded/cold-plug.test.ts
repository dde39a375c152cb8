import { parseArgv } from "@vm/qemu-argv";
import { expect, test } from "vitest";
import { coldPlug } from "../../src/embedded/cold-plug.js";

test.each([
  ["-drive", "file=a.img,if=virtio"],
  ["-blockdev", "file,node-name=a,filename=a", "-device", "nvme,drive=a,serial=1"],
  ["-hda", "a.img"],
  ["-usb"],
  ["-device", '{"driver":"virtio-rng-pci"}'],
  // What stands there is not known.
  ["a.img"],
])("with %j drivers are looked for", (...words) => {
  expect(coldPlug(parseArgv(words)).join("\n")).toContain("modprobe -q -a -b $vm_new");
});

test.each([[], ["-S"], ["-d", "int"], ["-chardev", "null,id=a"], ["-D", "/tmp/log"]])(
  "with %j the guest has the hardware that it always has",
  (...words) => {
    expect(coldPlug(parseArgv(words))).toEqual([]);
  },
);
