import { expect, test } from "vitest";
import { installCommand, readDistribution } from "../../src/doctor/distribution.js";
import { packagesOf } from "../../src/doctor/packages.js";

test.each([
  [
    "debian",
    'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\n',
    "debian",
  ],
  ["ubuntu", "ID=ubuntu\nID_LIKE=debian\n", "debian"],
  ["linuxmint", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian"],
  ["fedora", "ID=fedora\n", "fedora"],
  ["rocky", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"],
  ["arch", "ID=arch\n", "arch"],
  ["opensuse", 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "suse"],
  ["nixos", "ID=nixos\n", "nixos"],
  ["gentoo", "ID=gentoo\n", undefined],
])("an os-release of %s is read", (_, text, family) => {
  expect(readDistribution(text).family).toBe(family);
});

const parts = [{ qemuFor: "x86_64" }, "qemu-img", "virtiofsd", "libelf", "libelf"] as const;

test.each([
  [
    "ID=debian\nVERSION_CODENAME=bookworm\n",
    "sudo apt install qemu-system-x86 qemu-utils qemu-system-common libelf-dev",
  ],
  [
    "ID=debian\nVERSION_CODENAME=trixie\n",
    "sudo apt install qemu-system-x86 qemu-utils virtiofsd libelf-dev",
  ],
  ["ID=fedora\n", "sudo dnf install qemu-system-x86 qemu-img virtiofsd elfutils-libelf-devel"],
  [
    'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
    "sudo dnf install qemu-kvm qemu-img virtiofsd elfutils-libelf-devel",
  ],
  ["ID=rhel\nID_LIKE=fedora\n", "sudo dnf install qemu-kvm qemu-img virtiofsd elfutils-libelf-devel"],
  [
    "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=jammy\n",
    "sudo apt install qemu-system-x86 qemu-utils qemu-system-common libelf-dev",
  ],
  ["ID=arch\n", "sudo pacman -S --needed qemu-system-x86 qemu-img virtiofsd libelf"],
  ["ID=opensuse-leap\n", "sudo zypper install qemu-x86 qemu-img virtiofsd libelf-devel"],
  ["ID=nixos\n", "nix-shell -p qemu virtiofsd elfutils"],
])("the one command of %j", (text, command) => {
  const distribution = readDistribution(text);
  const packages = packagesOf(parts, distribution);
  expect(installCommand(distribution.family!, packages, { isRoot: false })).toBe(command);
});

test("where nobody knows the names there is no command", () => {
  expect(packagesOf(parts, readDistribution("ID=gentoo\n"))).toEqual([]);
});
