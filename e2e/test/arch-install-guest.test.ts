import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archRepository, pacmanConfiguration } from "../fixtures/arch-repository.mjs";
import { ROOT_PASSWORD } from "../fixtures/debian-root.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { dryRun } from "../guest/arch-install.js";
import { login } from "../guest/guest-shell.js";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

const NAME = "Arch";

let directory: string;
let home: VmHome;
let kernel: KernelFixture;
let repository: { readonly directory: string; readonly mirror: string };
let image: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "vm-arch-"));
  kernel = await kernelFixture();
  repository = await archRepository();
  home = createVmHome();
  const { status, stderr } = await home.run("create", NAME, "-c", "1", "-m", "1G", "-s", "3G");
  if (status !== 0) throw new Error(`vm create failed (${status}): ${stderr}`);
  const place = join(home.env["VM_HOME"] ?? "", NAME);
  image = join(place, readdirSync(place).find((name) => name.endsWith(".qcow2")) ?? "");
});

afterAll(() => {
  home.remove();
  rmSync(directory, { recursive: true, force: true });
});

test("in a live guest the script installs on a blank disk", async () => {
  expect(
    (await runProgram(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(directory, "id")])).status,
  ).toBe(0);
  mkdirSync(join(directory, "live"));
  const live = join(directory, "live");
  writeFileSync(join(live, "pacman.conf"), pacmanConfiguration({ kernel: "kernel" }));
  writeFileSync(join(live, "password"), `${ROOT_PASSWORD}\n`);
  const small = ["--locales", "C.UTF-8", "--no-xfstests", "--no-development"];
  const storage = ["--partition-table", "mbr", "--firmware", "both", "--pacman-mirrors", repository.mirror];
  const people = ["--root-password-file", join(live, "password"), "--ssh-key", join(directory, "id.pub")];
  writeFileSync(join(live, "setup.sh"), await dryRun(...small, ...storage, ...people));
  // The disk is blank: the script has nothing to ask.
  const install = `cp '${live}/pacman.conf' /etc/pacman.conf; mkdir -p /etc/pacman.d; exec bash '${live}/setup.sh'`;
  const embedded = ["-k", kernel.build, "-m", "2G", "--ro", repository.directory, "--ro", live];
  const run = ["run", ...embedded, "--console", join(directory, "console.log"), "--exec", install];
  const { status, stdout, stderr } = await home.run(...run, "--", "-drive", `file=${image},if=virtio`);
  if (status !== 0)
    throw new Error(`${stdout}\n${stderr}\n${readFileSync(join(directory, "console.log"), "utf8")}`);
  expect(stdout).toMatch(/==> arch-install done: debian is installed on \/dev\/vda\n$/);
});

test("the disk boots by itself through GRUB on the serial console, with its network up and sshd answering", async () => {
  const port = await freePort();
  const forward = `user,model=virtio-net-pci,net=10.0.3.0/24,hostfwd=tcp:127.0.0.1:${port}-:22`;
  const terminal = openTerminal(`exec ${shellWords(home.vm("run", NAME, "--", "-nic", forward))}`, {
    env: home.env,
  });
  try {
    await terminal.waitFor("GNU GRUB");
    const guest = await login(terminal);
    expect(await guest.read("uname -r")).toBe(kernel.release);
    expect(await guest.read("systemctl is-system-running --wait; systemctl --failed --no-legend")).toBe(
      "running",
    );
    // Two cards, whatever their addresses.
    expect((await guest.run("/usr/lib/systemd/systemd-networkd-wait-online --timeout=120")).status).toBe(0);
    expect(await guest.read("networkctl --no-legend list | grep -c routable")).toBe("2");
    expect(await guest.read("cat /proc/sys/kernel/sysrq")).toBe("1");
    expect(await guest.read("pacman -Q vm-modules-mounter | cat")).toMatch(/^vm-modules-mounter \d/);
    const ssh = ["ssh", "-i", join(directory, "id"), "-p", String(port), "root@127.0.0.1"] as const;
    const careless = [
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
      "-o",
      "BatchMode=yes",
    ];
    const answer = await runProgram([...ssh, ...careless, "cat /etc/hostname"]);
    expect(answer).toMatchObject({ status: 0, stdout: "debian\n" });
    expect(await guest.powerOff()).toBe(0);
  } finally {
    await terminal.close();
  }
});

test("the same disk boots a kernel of the host, and a module of it loads", async () => {
  const command = "uname -r; modprobe dummy && grep -o '^dummy ' /proc/modules; findmnt -no FSTYPE /";
  const { status, stdout, stderr } = await home.run("run", NAME, "-k", kernel.build, "--exec", command);
  expect({ status, stdout, stderr }).toMatchObject({
    status: 0,
    stdout: `${kernel.release}\ndummy \next4\n`,
  });
});

test("the same disk boots by UEFI", async () => {
  const firmware = "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd";
  const terminal = openTerminal(`exec ${shellWords(home.vm("run", NAME, "--", "-drive", firmware))}`, {
    env: home.env,
  });
  try {
    await terminal.waitFor("GNU GRUB");
    const guest = await login(terminal);
    expect(await guest.read("ls /efi/EFI/BOOT | cat")).toBe("BOOTX64.EFI");
    // No power-off: the fixture's kernel knows no EFI, so it finds no ACPI here.
  } finally {
    await terminal.close();
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
