import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archRepository } from "../fixtures/arch-repository.mjs";
import { archInstall, createHostInstallation, dryRun } from "../guest/arch-install.js";
import { login } from "../guest/guest-shell.js";
import { startHttpProxy } from "../guest/http-proxy.js";
import { openTerminal, shellWords } from "../guest/terminal.js";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here";

let directory: string;
let repository: { readonly directory: string; readonly mirror: string };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "vm-arch-"));
  repository = await archRepository();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("real pacstrap, genfstab, arch-chroot and grub install; after a failure it is started again and succeeds", async () => {
  const disk = await createHostInstallation({ size: "3G", kernel: "kernel" });
  const proxy = await startHttpProxy(repository.directory);
  try {
    const storage = ["--root-dev", disk.device, "--mkfs-cmd", `mkfs.ext4 -q -U ${disk.uuid}`];
    const network = ["--http-proxy", proxy.url, "--pacman-mirrors", "http://mirror.invalid/$repo/os/$arch"];
    const place = ["--locales", "de_DE.UTF-8", "en_US.UTF-8", "--timezone", "Europe/Berlin"];
    const people = ["--user", "me", "--ssh-key", KEY, "--autologin", "me"];
    const other = ["--run", `echo "it's $HOME" > /root/ran`, "--log", join(directory, "log")];
    const options = [...storage, ...network, ...place, ...people, ...other];
    const grubFailsOnce = `PATH=\${PATH#*:}
case "$*" in *grub-install*) [ -e '${directory}/failed' ] || { touch '${directory}/failed'; exit 7; } ;; esac
exec arch-chroot "$@"
`;
    // The second program is the same with --yes: the disk is not blank any more. Both run in one live system.
    const programs = [archInstall(...options), archInstall(...options, "--yes")];
    const { status, stderr } = await disk.run(programs, { "arch-chroot": grubFailsOnce });
    expect(stderr).toMatch(/\] Install the boot loader: line \d+: arch-chroot \/mnt grub-install .*status 7/);
    expect(stderr.match(/Install the packages/g)).toHaveLength(2);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/\ndone: debian is installed on \S+\n$/),
    });
    expect(proxy.requests).toContain("HEAD http://mirror.invalid/");
    expect(proxy.requests).toContain("GET http://mirror.invalid/core/os/x86_64/core.db");

    const facts = await disk.inspect(`
      cat etc/hostname etc/locale.conf root/ran etc/machine-id
      readlink etc/localtime etc/resolv.conf
      grep -v '^#' etc/fstab
      grep -c '^	linux	.* console=ttyS0' boot/grub/grub.cfg
      stat -c '%a %U %n' root/.ssh root/.ssh/authorized_keys etc/sudoers.d/10-me
      chroot . stat -c '%a %U %n' /home/me/.ssh /home/me/.ssh/authorized_keys
      chroot . visudo --check || echo $?
      chroot . pacman -Qkk vm-modules-mounter
      chroot . locale -a
      chroot . getent passwd fsgqa
      chroot . systemctl is-enabled sshd systemd-networkd systemd-resolved
      grep '^root:' etc/shadow
    `);
    expect(facts).toMatch(/^debian\nLANG=de_DE.UTF-8\nit's \/root\n[0-9a-f]{32}\n/);
    expect(facts).toContain("/usr/share/zoneinfo/Europe/Berlin\n../run/systemd/resolve/stub-resolv.conf\n");
    expect(facts).toMatch(new RegExp(`UUID=${disk.uuid}\\s+/\\s+ext4\\s+rw,relatime\\s+0 1\\n`));
    expect(facts).toContain(
      "700 root root/.ssh\n600 root root/.ssh/authorized_keys\n440 root etc/sudoers.d/10-me\n",
    );
    expect(facts).toContain("700 me /home/me/.ssh\n600 me /home/me/.ssh/authorized_keys\n");
    expect(facts).toContain("0 altered files");
    expect(facts).toContain("de_DE.utf8\nen_US.utf8\n");
    expect(facts).toMatch(/^fsgqa:x:/m);
    expect(facts).toContain("enabled\nenabled\nenabled\n");
    expect(facts).toMatch(/^root:\*:/m);
  } finally {
    proxy.close();
    await disk.remove();
  }
});

test("GPT with btrfs on a device whose partitions are p1 boots from NVMe, with its initramfs, to a shell that asks nobody", async () => {
  const disk = await createHostInstallation({ size: "3G", kernel: "cloud" });
  try {
    const script = join(directory, "setup.sh");
    const small = ["--locales", "C.UTF-8", "--no-xfstests", "--no-development"];
    const mkfs = ["--mkfs-cmd", `mkfs.btrfs --quiet --uuid ${disk.uuid}`];
    const storage = ["--partition-table", "gpt", ...mkfs];
    const other = ["--pacman-mirrors", repository.mirror, "--ssh-key", KEY, "--autologin", "--yes"];
    writeFileSync(script, await dryRun("--root-dev", disk.device, ...storage, ...small, ...other));
    const { status, stdout, stderr } = await disk.run([["bash", script]]);
    if (status !== 0) throw new Error(`${stdout}\n${stderr}`);

    const machine = "-nodefaults -no-reboot -display none -M q35 -m 1G -accel tcg -cpu max -serial mon:stdio";
    const devices = ["-device", "nvme,serial=1,drive=disk", "-nic", "user,model=virtio"];
    const drive = ["-drive", `file=${disk.image},format=raw,if=none,id=disk`];
    const qemu = ["qemu-system-x86_64", ...machine.split(" "), ...devices, ...drive];
    const terminal = openTerminal(`exec ${shellWords(qemu)}`);
    try {
      await terminal.waitFor("GNU GRUB");
      const guest = await login(terminal, { by: "autologin" });
      expect(await guest.read("findmnt -nro SOURCE,FSTYPE /")).toBe("/dev/nvme0n1p1 btrfs");
      expect(await guest.read("cat /proc/cmdline")).toContain(`root=UUID=${disk.uuid} `);
      expect((await guest.run("/usr/lib/systemd/systemd-networkd-wait-online --timeout=120")).status).toBe(0);
      expect(await guest.powerOff()).toBe(0);
    } finally {
      await terminal.close();
    }
  } finally {
    await disk.remove();
  }
});
