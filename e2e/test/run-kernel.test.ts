import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { login } from "../guest/guest-shell.js";
import { noProcessNames, processesNaming } from "../guest/processes.js";
import { connectQmp } from "../guest/qmp.js";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, type VmHome } from "../guest/vm-home.js";

const NAME = "TestVM";

let home: VmHome;
let kernel: KernelFixture;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  const { status, stderr } = await home.run("create", NAME, "-c", "1", "-m", "1G", "-s", "2G");
  if (status !== 0) throw new Error(`vm create failed (${status}): ${stderr}`);
  await home.putGuest(NAME);
});

afterAll(() => home.remove());

/** The command line of `vm run`, its extra QEMU options included. */
function runArguments(...more: readonly string[]): readonly string[] {
  const extra = ["-qmp", `unix:${home.directory}/qmp,server=on,wait=off`, "-name", "a guest,,with a comma"];
  const smbios = ["-smbios", "type=1,serial=from the command line"];
  return ["run", NAME, "-k", kernel.build, "-a", "from.the=command-line", ...more, "--", ...extra, ...smbios];
}

function qemuCommandLines(): string[] {
  return processesNaming(home.directory)
    .map(({ commandLine }) => commandLine)
    .filter((line) => /^\S*qemu-system-/.test(line));
}

let realRun: readonly string[] = [];

/** Without the options by which `vm exec` and `vm stop` reach a run: nobody finds what a script starts (docs/reach-into-guests.md). */
function withoutEntry(line: string): string {
  return line.replaceAll(/ -(?:chardev|mon|device|smbios) \S*vm-(?:entry-qmp|exec)\S*/g, "");
}

test("vm run -k boots the build to a login, with its modules and the person's own options", async () => {
  const state = "stty -a; grep flags /proc/self/fdinfo/0 /proc/self/fdinfo/1 /proc/self/fdinfo/2 <&0";
  const [before, after] = [join(home.directory, "before"), join(home.directory, "after")];
  const terminal = openTerminal(
    [
      `exec 3>&1`,
      `{ ${state}; } 2>&3 >${before}`,
      `${shellWords(home.vm(...runArguments()))}; status=$?`,
      `{ ${state}; } 2>&3 >${after}`,
      "exit $status",
    ].join("\n"),
    { env: home.env, cwd: home.directory },
  );
  try {
    const guest = await login(terminal);
    expect(await guest.read("uname -r")).toBe(kernel.release);
    expect(await guest.read("cat /proc/cmdline")).toContain("from.the=command-line");

    // The fixtures are sound: no unit has failed, the network is up, the shell tells streams and status.
    expect(await guest.read("systemctl is-system-running --wait")).toBe("running");
    expect(await guest.read("networkctl --no-legend list | grep -c routable")).toBe("1");
    expect(await guest.run("echo one; echo two >&2; (exit 3)")).toEqual({ status: 3, output: "one\ntwo\n" });

    // The seed's tag, and a module of the build, by hand; read-only, so that a guest cannot spoil a build.
    expect(
      await guest.read("cat /sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag | tr '\\0' '\\n'"),
    ).toMatch(/^modules$/m);
    await guest.read("mount -t 9p -o trans=virtio,version=9p2000.L,ro modules /mnt");
    await guest.read("insmod /mnt/drivers/net/dummy.ko && ip link add type dummy");
    expect(await guest.read("lsmod")).toMatch(/^dummy /m);
    await guest.read("umount /mnt && mount -t 9p -o trans=virtio,version=9p2000.L,rw modules /mnt");
    expect((await guest.run("touch /mnt/touched")).status).not.toBe(0);

    // What vm create gives a guest.
    expect(await guest.read("cat /sys/class/misc/hw_random/rng_available")).toContain("virtio_rng");
    expect(await guest.read("ls /sys/class/watchdog")).toContain("watchdog0");
    expect(await guest.read("ls /sys/firmware/qemu_fw_cfg/by_name/etc")).toContain("vmcoreinfo");
    expect(await guest.read("cat /sys/block/vda/size")).toBe(String((2 * 1024 ** 3) / 512));

    // What came after `--`.
    expect(await guest.read("cat /sys/class/dmi/id/product_serial")).toBe("from the command line");
    const qmp = await connectQmp(join(home.directory, "qmp"));
    expect(await qmp.execute("query-status")).toMatchObject({ status: "running" });
    expect(await qmp.execute("query-name")).toEqual({ name: "a guest,with a comma" });
    qmp.close();

    realRun = qemuCommandLines();
    expect(realRun).toHaveLength(1);
    const second = await home.run(...runArguments());
    expect(second.status).not.toBe(0);
    expect(second.stderr).toContain(NAME);
    expect(qemuCommandLines()).toEqual(realRun);

    expect(await guest.powerOff()).toBe(0);
    expect(readFileSync(after, "utf8")).toBe(readFileSync(before, "utf8"));
    expect(readFileSync(before, "utf8")).toMatch(/ icanon .* echo /s);
    await noProcessNames(home.directory);
  } finally {
    await terminal.close();
  }
});

test("the script that --dry-run prints starts the very same guest", async () => {
  const { status, stdout, stderr } = await home.run(...runArguments("--dry-run"));
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining("Error") });
  const script = join(home.directory, "run.sh");
  writeFileSync(script, stdout);
  const terminal = openTerminal(`exec sh ${shellWords([script])}`, { cwd: "/" });
  try {
    const guest = await login(terminal);
    expect(qemuCommandLines()).toEqual(realRun.map(withoutEntry));
    expect(await guest.read("uname -r")).toBe(kernel.release);
    expect(await guest.read("cat /proc/cmdline")).toContain("from.the=command-line");
    expect(await guest.powerOff()).toBe(0);
    await noProcessNames(home.directory);
  } finally {
    await terminal.close();
  }
});

test.each(["SIGTERM", "SIGKILL", "SIGHUP"] as const)("no QEMU is left when vm dies of %s", async (signal) => {
  const words = shellWords(home.vm(...runArguments()));
  const terminal = openTerminal(`${words}; echo "vm ended: $?"`, { env: home.env });
  try {
    await terminal.waitFor("Linux version");
    // Another test file may run a VM of the same name at the same time.
    const vm = processesNaming(home.directory).filter(
      ({ commandLine }) =>
        commandLine.startsWith(`${process.execPath} `) && commandLine.includes(` run ${NAME} `),
    );
    expect(vm).toHaveLength(1);
    expect(qemuCommandLines()).toEqual(realRun);
    for (const { pid } of vm) process.kill(pid, signal);
    await terminal.waitFor(/vm ended: (\d+)/);
    await noProcessNames(join(home.directory, "vm", NAME));
  } finally {
    await terminal.close();
  }
});

test("the terminal hung up, as when its window is closed, ends the guest too", async () => {
  const terminal = openTerminal(`exec ${shellWords(home.vm(...runArguments()))}`, { env: home.env });
  await terminal.waitFor("Linux version");
  expect(qemuCommandLines()).toEqual(realRun);
  await terminal.close();
  await noProcessNames(home.directory);
});
