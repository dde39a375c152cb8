import { basename } from "node:path";
import { expect, test } from "vitest";
import { archRepository } from "../fixtures/arch-repository.mjs";
import { ARCH_INSTALL_THERE, createHostInstallation } from "../guest/arch-install.js";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here";

test("arch-install installs with the newest pacman and its programs, those of sid, on a loop device", async () => {
  const { directory } = await archRepository();
  const mirror = `file:///srv/fixtures/${basename(directory)}/$repo/os/$arch`;
  const disk = await createHostInstallation({ size: "3G", kernel: "kernel", world: "sid" });
  try {
    const storage = ["--root-dev", disk.device, "--mkfs-cmd", `mkfs.ext4 -q -U ${disk.uuid}`];
    const small = ["--locales", "C.UTF-8", "--no-xfstests", "--no-development"];
    const options = [
      ...storage,
      ...small,
      "--pacman-mirrors",
      mirror,
      "--ssh-key",
      KEY,
      "--autologin",
      "--yes",
    ];
    const { status, stdout, stderr } = await disk.run([
      ["pacman", "--version"],
      [...ARCH_INSTALL_THERE, ...options],
    ]);
    expect(stdout).toMatch(/Pacman v7\.[1-9]/);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/\ndone: debian is installed on \S+\n$/),
    });
    const facts = await disk.inspect(`
      cat etc/hostname
      grep -v '^#' etc/fstab
      grep -c '^\tlinux\t.* console=ttyS0' boot/grub/grub.cfg
      chroot . pacman -Qkk vm-modules-mounter
      chroot . systemctl is-enabled systemd-networkd systemd-resolved
    `);
    expect(facts).toMatch(/^debian\n/);
    expect(facts).toMatch(new RegExp(`UUID=${disk.uuid}\\s+/\\s+ext4\\s+rw,relatime\\s+0 1\\n+[1-9]`));
    expect(facts).toContain("0 altered files");
    expect(facts).toContain("enabled\nenabled\n");
  } finally {
    await disk.remove();
  }
});
