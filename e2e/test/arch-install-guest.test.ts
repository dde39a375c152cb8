import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archRepository, pacmanConfiguration } from "../fixtures/arch-repository.mjs";
import { debianKernel } from "../fixtures/debian-kernel.mjs";
import { HOST_NAME, ROOT_PASSWORD } from "../fixtures/debian-root.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { login } from "../guest/guest-shell.js";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

const NAME = "Arch";

let directory: string;
let home: VmHome;
let kernel: KernelFixture;
/** Debian 11's: the oldest one that an installation is tried with, with nearly everything as modules. */
let oldest: { readonly root: string; readonly release: string };
let repository: { readonly directory: string; readonly mirror: string };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "vm-arch-"));
  kernel = await kernelFixture();
  oldest = await debianKernel({ flavour: "amd64", suite: "bullseye" });
  repository = await archRepository();
  home = createVmHome();
});

afterAll(() => {
  home.remove();
  rmSync(directory, { recursive: true, force: true });
});

test("vm install --bootstrap installs from this machine, with no image", async () => {
  expect(
    (await runProgram(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(directory, "id")])).status,
  ).toBe(0);
  writeFileSync(join(directory, "pacman.conf"), pacmanConfiguration({ kernel: "kernel" }));
  writeFileSync(join(directory, "password"), `${ROOT_PASSWORD}\n`);
  const small = ["--hostname", HOST_NAME, "--locales", "C.UTF-8", "--no-xfstests", "--no-development"];
  const machine = ["-c", "1", "-m", "2G", "-s", "3G", "--log", join(directory, "install.log")];
  const source = ["--bootstrap", "-k", oldest.root, "--pacman-conf", join(directory, "pacman.conf")];
  const people = [
    "--root-password-file",
    join(directory, "password"),
    "--ssh-key",
    join(directory, "id.pub"),
  ];
  const mirrors = ["--pacman-mirrors", repository.mirror, "--partition-table", "mbr", "--firmware", "both"];
  const words = ["install", NAME, ...small, ...machine, ...source, ...people, ...mirrors];
  const { status, stdout, stderr } = await home.run(...words);
  if (status !== 0) throw new Error(`${stderr}\n${readFileSync(join(directory, "install.log"), "utf8")}`);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/vm: installed; start it: vm run Arch\n$/);
});

test("the disk boots the oldest kernel from the host, with its modules", async () => {
  const command = "uname -r; modprobe dummy && grep -o '^dummy ' /proc/modules; cat /proc/1/comm";
  // systemd waits for /efi's device for 90 seconds, which a busy machine may need for the drivers of all others.
  const run = await home.run(
    "run",
    NAME,
    "-k",
    oldest.root,
    "-a",
    "systemd.mask=efi.mount",
    "--exec",
    command,
  );
  expect(run).toMatchObject({ status: 0, stdout: `${oldest.release}\ndummy \nsystemd\n` });
});

test("the disk boots by itself through GRUB on the serial console, with its network up and sshd answering", async () => {
  const address = ownAddress();
  const forward = `user,model=virtio-net-pci,net=10.0.3.0/24,hostfwd=tcp:${address}:2222-:22`;
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
    expect(await guest.read("cat /proc/sys/kernel/sysrq; ls /efi/EFI/BOOT | cat")).toBe("1\nBOOTX64.EFI");
    expect(await guest.read("pacman -Q vm-modules-mounter | cat")).toMatch(/^vm-modules-mounter \d/);
    const ssh = ["ssh", "-i", join(directory, "id"), "-p", "2222", `root@${address}`] as const;
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

test("the same disk boots by UEFI, by way of its other boot loader", async () => {
  const firmware = "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd";
  const terminal = openTerminal(`exec ${shellWords(home.vm("run", NAME, "--", "-drive", firmware))}`, {
    env: home.env,
  });
  try {
    await terminal.waitFor("GNU GRUB");
    const [, release] = await terminal.waitFor(/Linux version (\S+) /);
    // From here on it is the boot above.
    expect(release).toBe(kernel.release);
  } finally {
    await terminal.close();
  }
});

/** An address of this machine's own (RFC 1122, 127/8) that no other test has, so that its ports are free. */
function ownAddress(): string {
  return `127.${1 + ((process.pid >> 14) % 254)}.${(process.pid >> 7) & 127}.${1 + (process.pid & 127)}`;
}
