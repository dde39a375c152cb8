// @ts-check
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @typedef {"kernel" | "guest" | "packaged" | "disk" | "tests"} Purpose
 *   kernel: compile the kernel of the tests; guest: run a guest; packaged: boot a kernel out of a package; disk: make a guest's disk; tests: all that tests check against
 * @typedef {object} DebianPackage
 * @property {string} name
 * @property {string} why
 * @property {string} [bookworm] its name in Debian 12, where that is another one
 * @property {string | readonly string[]} proof a program in PATH or an absolute file name: there when the package is; of several, one
 */

/** @type {Record<Purpose, DebianPackage[]>} */
const PACKAGES = {
  kernel: [
    { name: "xz-utils", why: "unpacks it", proof: "xz" },
    { name: "gcc", why: "compiles it", proof: "gcc" },
    { name: "libc6-dev", why: "headers of the kernel's build programs", proof: "/usr/include/stdio.h" },
    { name: "make", why: "builds it", proof: "make" },
    { name: "flex", why: "Kconfig's scanner", proof: "flex" },
    { name: "bison", why: "Kconfig's parser", proof: "bison" },
    { name: "bc", why: "the kernel's time constants", proof: "bc" },
    { name: "libelf-dev", why: "objtool reads object files", proof: "/usr/include/libelf.h" },
    {
      name: "libssl-dev",
      why: "the kernel's certificate tools",
      proof: "/usr/include/openssl/opensslv.h",
    },
  ],
  packaged: [
    { name: "xz-utils", why: "modules of today's kernel packages are compressed", proof: "xz" },
    { name: "libarchive-tools", why: "bsdtar unpacks packages", proof: "bsdtar" },
    { name: "busybox-static", why: "an initramfs loads the drivers that are modules", proof: "busybox" },
  ],
  guest: [
    { name: "kmod", why: "depmod indexes the modules", proof: "/sbin/depmod" },
    { name: "qemu-system-x86", why: "runs the guests", proof: "qemu-system-x86_64" },
    { name: "util-linux", why: "setpriv and flock keep QEMU in hand", proof: "setpriv" },
  ],
  disk: [
    { name: "qemu-utils", why: "qemu-img makes disk images", proof: "qemu-img" },
    { name: "mmdebstrap", why: "makes the Debian guest", proof: "mmdebstrap" },
    { name: "fdisk", why: "sfdisk partitions its disk", proof: "/sbin/sfdisk" },
    { name: "e2fsprogs", why: "mkfs.ext4 fills it", proof: "/sbin/mkfs.ext4" },
  ],
  tests: [
    {
      name: "virtiofsd",
      bookworm: "qemu-system-common",
      why: "files come over virtiofs",
      proof: ["/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd"],
    },
    { name: "binutils", why: "addr2line tells the lines of a stack", proof: "addr2line" },
    {
      name: "binutils-aarch64-linux-gnu",
      why: "tells the lines of an arm64 stack",
      proof: "aarch64-linux-gnu-as",
    },
    { name: "chromium", why: "looks at the HTML report", proof: "/usr/bin/chromium" },
    { name: "gdb", why: "looks into a running kernel", proof: "gdb" },
    { name: "qemu-system-arm", why: "runs an arm64 guest", proof: "qemu-system-aarch64" },
    { name: "dpkg-dev", why: "Debian's table of architectures", proof: "dpkg-architecture" },
    { name: "git", why: "the bisection test's repository", proof: "git" },
    { name: "shellcheck", why: "checks generated scripts", proof: "shellcheck" },
    { name: "pacman-package-manager", why: "installs the module package", proof: "pacman" },
    { name: "makepkg", why: "builds the same package from its PKGBUILD", proof: "makepkg" },
    { name: "arch-install-scripts", why: "pacstrap and genfstab", proof: "pacstrap" },
    { name: "btrfs-progs", why: "mkfs.btrfs, for an installation", proof: "/sbin/mkfs.btrfs" },
    { name: "ovmf", why: "UEFI firmware for a guest", proof: "/usr/share/OVMF/OVMF_CODE_4M.fd" },
    { name: "dosfstools", why: "mkfs.fat, for its partition", proof: "/sbin/mkfs.fat" },
    { name: "openssh-client", why: "logs in to an installed guest", proof: "ssh" },
    { name: "openssh-server", why: "takes commands in a guest that runs", proof: "/usr/sbin/sshd" },
    { name: "rsync", why: "copies into a guest by its ssh", proof: "rsync" },
    { name: "sshfs", why: "mounts a directory of a guest", proof: "sshfs" },
    { name: "rpm", why: "rpmbuild makes packages of Fedora's kind", proof: "rpmbuild" },
    { name: "nix-bin", why: "builds a package of the flake", proof: "nix" },
    { name: "zstd", why: "packages of that compression", proof: "zstd" },
    { name: "systemd-container", why: "systemd-nspawn runs a guest's root", proof: "systemd-nspawn" },
    { name: "xorriso", why: "makes an image of a live system", proof: "xorriso" },
    { name: "curl", why: "that live system fetches its script with it", proof: "curl" },
    { name: "gpg", why: "signs such an image", proof: "gpg" },
    { name: "gpg-agent", why: "has the key for that", proof: "gpg-agent" },
    { name: "iproute2", why: "looks at a guest's network", proof: "ip" },
    { name: "procps", why: "pgrep finds processes that should have ended", proof: "pgrep" },
    { name: "openssl", why: "a certificate for an https mirror", proof: "openssl" },
    { name: "tzdata", why: "the time zones of a live system", proof: "/usr/share/zoneinfo/tzdata.zi" },
    { name: "cpio", why: "makes an initramfs", proof: "cpio" },
    { name: "lz4", why: "images of that compression", proof: "lz4" },
    { name: "bzip2", why: "images of that compression", proof: "bzip2" },
    { name: "libxml2-utils", why: "xmllint reads the reports", proof: "xmllint" },
    { name: "zsh", why: "completes vm's words", proof: "zsh" },
    { name: "fish", why: "completes vm's words", proof: "fish" },
    { name: "mandoc", why: "checks the manual pages", proof: "mandoc" },
    { name: "slurmctld", why: "a cluster's queue", proof: "/usr/sbin/slurmctld" },
    { name: "slurmd", why: "its nodes", proof: "/usr/sbin/slurmd" },
    { name: "slurm-client", why: "what talks to it", proof: "sbatch" },
    { name: "munge", why: "says who asks it", proof: "/usr/sbin/munged" },
    { name: "libvirt-clients", why: "virsh takes an exported machine, by its schema", proof: "virsh" },
    { name: "libvirt-daemon", why: "starts such a machine", proof: "/usr/sbin/libvirtd" },
    {
      name: "libvirt-daemon-driver-qemu",
      why: "what it starts QEMU with",
      proof: "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so",
    },
    { name: "tmux", why: "a terminal that reads Ctrl-A itself", proof: "tmux" },
  ],
};

/**
 * The packages for these purposes that are not there, by their names in this Debian.
 * @param {readonly Purpose[]} purposes
 */
export function missingPackages(purposes) {
  const bookworm = isBookworm();
  const missing = purposes
    .flatMap((purpose) => PACKAGES[purpose])
    .filter(({ proof }) => ![proof].flat().some(isThere))
    .map((each) => (bookworm && each.bookworm !== undefined ? { ...each, name: each.bookworm } : each));
  return [...new Map(missing.map((each) => [each.name, each])).values()];
}

function isBookworm() {
  const file = "/etc/os-release";
  return existsSync(file) && /^VERSION_CODENAME=bookworm$/m.test(readFileSync(file, "utf8"));
}

/** @param {string} proof */
function isThere(proof) {
  if (proof.startsWith("/")) return existsSync(proof);
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, proof)));
}
