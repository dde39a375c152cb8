import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage } from "@vm/modules-mounter";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, lastingWords, runProgram, type VmHome } from "../guest/vm-home.js";

const NAME = "Newer";

let home: VmHome;
let kernel: KernelFixture;
let work: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  work = mkdtempSync(join(tmpdir(), "vm-newer-"));
  home = createVmHome();
  const files = join(work, "files");
  const { path } = await buildPackage({ outputDirectory: join(work, "package"), format: "deb" });
  execFileSync("dpkg-deb", ["-x", path, files]);
  await home.run("create", NAME, "-c", "1", "-m", "1G", "-s", "2G");
  await home.putGuest(NAME, { files, suite: "sid" });
});

afterAll(() => {
  home.remove();
  rmSync(work, { recursive: true, force: true });
});

/** What PID 1 has written of the units in the order of the journal, as `Starting NAME` and `Finished NAME`. */
const ORDER = `journalctl -b -o cat --no-pager |
sed -nE 's/^(Starting|Started|Finished) (vm-modules-mounter|systemd-udevd|systemd-udev-trigger|systemd-modules-load)\\.service.*/\\1 \\2/p'`;

test("a guest with the newest systemd has the modules before udev looks for them, and nothing to complain of", async () => {
  const command = `systemctl --version | head -n 1
uname -r
modprobe dummy && modinfo -n dummy
systemd-analyze verify /run/systemd/generator/vm-modules-mounter.service 2>&1
journalctl -b -o cat --no-pager | grep -i "ordering cycle"
systemctl --failed --no-legend --plain
echo order
${ORDER}`;
  const argv = home.vm("run", NAME, "-k", kernel.build, "--accel", "tcg", "--exec", command);
  const { status, stdout, stderr } = await runProgram(argv, { env: home.env });
  expect({ status, stderr: lastingWords(stderr) }).toEqual({ status: 0, stderr: "" });
  const [facts = "", order = ""] = stdout.split("order\n");
  expect(facts.split("\n")).toEqual([
    expect.stringMatching(/^systemd (2[6-9]|[3-9]\d)\d /),
    kernel.release,
    `/lib/modules/${kernel.release}/kernel/drivers/net/dummy.ko`,
    "",
  ]);
  const events = order.trimEnd().split("\n");
  const mounted = events.indexOf("Finished vm-modules-mounter");
  expect(events.slice(0, mounted)).toEqual(["Starting vm-modules-mounter"]);
  expect(events.slice(mounted + 1)).toEqual(
    expect.arrayContaining(["Starting systemd-udevd", "Starting systemd-udev-trigger"]),
  );
});
