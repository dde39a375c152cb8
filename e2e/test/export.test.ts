import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { findProgram } from "@vm/command-plan";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { startLibvirtSession, type LibvirtSession } from "../guest/libvirt-session.js";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

let home: VmHome;
let session: LibvirtSession;
let place: string;

/** Says what the guest has until it is answered: a line on a pseudo terminal is lost where nobody listens yet. */
const init = `#!/bin/busybox sh
mount() { busybox mkdir -p "$3" && busybox mount -t "$1" -o "$4" "$2" "$3"; }
mount devtmpfs dev /dev rw
exec </dev/ttyS0 >/dev/ttyS0 2>&1
mount proc proc /proc ro
mount sysfs sysfs /sys ro
mount 9p files /mnt ro,trans=virtio,version=9p2000.L
while ! read -r -t 1 line; do
  echo "file=$(busybox cat /mnt/file) disks=$(busybox ls /sys/block | busybox grep -E '^(vd|nvme)') mac=$(busybox cat /sys/class/net/eth0/address) cpus=$(busybox nproc) end"
done
busybox poweroff -f
`;

beforeAll(async () => {
  const kernel = await kernelFixture();
  home = createVmHome();
  place = mkdtempSync(join(tmpdir(), "lv-"));
  for (const directory of [place, home.directory]) chmodSync(directory, 0o755);
  copyFileSync(join(kernel.build, "arch/x86/boot/bzImage"), join(place, "bz Image,&"));
  const root = join(place, "root");
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync(findProgram("busybox", process.env) ?? "", join(root, "bin/busybox"));
  writeFileSync(join(root, "init"), init);
  for (const file of ["bin/busybox", "init"]) chmodSync(join(root, file), 0o755);
  execFileSync("sh", ["-c", "cd root && find . | cpio --quiet -o -H newc >../initrd"], { cwd: place });
  mkdirSync(join(place, "<files>, '&\""));
  writeFileSync(join(place, "<files>, '&\"", "file"), "by-the-host");
  session = await startLibvirtSession(join(place, "s"));
});

afterAll(async () => {
  await session.stop();
  home.remove();
  rmSync(place, { recursive: true, force: true });
});

/** Exports a machine, and gives its files to whom libvirt's guests run as. */
async function exported(name: string, ...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runProgram(home.vm("export", name, "--libvirt", ...words), {
    env: { ...home.env, VM_ACCEL: "tcg" },
  });
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  execFileSync("chown", ["-R", session.user, join(home.env["VM_HOME"] ?? "", name)]);
  const file = join(place, "domain.xml");
  writeFileSync(file, stdout);
  return file;
}

async function expectDone(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await session.virsh(...words);
  expect([words, status, stderr]).toEqual([words, 0, ""]);
  return stdout.trim();
}

/** Reads what the guest says over and over, answers it, and waits until it has powered off. */
async function talk(name: string): Promise<string> {
  const terminal = await expectDone("ttyconsole", name);
  const reader = spawn("cat", [terminal], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(reader, "exit");
  onTestFinished(() => void reader.kill());
  let said = "";
  for await (const chunk of reader.stdout) {
    said += String(chunk);
    if (/^file=[^\0]* end\r?$/m.test(said)) break;
  }
  writeFileSync(terminal, "\n");
  while ((await expectDone("domstate", name)) !== "shut off") await sleep(100);
  reader.kill();
  await ended;
  return /file=[^\0]*? end/.exec(said)?.[0] ?? said;
}

test.each([
  ["a b,'\"&<é>;", [], "", "vda"],
  // What has no word in XML stands beside what has: its devices must not take the same places.
  [
    "Storage",
    ["--nvme"],
    "qemuOptions.push(['-device', 'virtio-net-pci,mac=52:54:00:00:00:01']);\n",
    "nvme0n1",
  ],
])("libvirt defines, starts and ends %s", async (name, creation, more, disk) => {
  await home.run("create", name, "-s", "16M", "-m", "256M", ...creation);
  const share = join(place, "<files>, '&\"").replaceAll(",", ",,");
  const options = [
    ["-kernel", join(place, "bz Image,&")],
    ["-initrd", join(place, "initrd")],
    ["-append", "console=ttyS0 quiet panic=-1"],
    ["-virtfs", `local,id=f,path=${share},mount_tag=files,security_model=none,readonly=on`],
  ];
  appendFileSync(
    join(home.env["VM_HOME"] ?? "", name, "vm.mjs"),
    `qemuOptions.push(...${JSON.stringify(options)});\n${more}`,
  );
  const file = await exported(name);
  await expectDone("define", "--validate", file);
  // The same machine once more is the same domain.
  await expectDone("define", file);
  expect(await expectDone("list", "--all", "--name")).toContain(name);
  await expectDone("start", name);
  const said = await talk(name);
  expect(said).toContain("file=by-the-host");
  expect(said).toContain(`disks=${disk} `);
  expect(said).toContain("cpus=2");
  const addresses = `${await expectDone("dumpxml", name)}${more}`;
  expect(addresses).toContain(/mac=(\S+)/.exec(said)?.[1] ?? "none");
  await expectDone("undefine", name);
});
