import type { Installation } from "../src/index.js";

/** An installation with little in it, to be altered by tests. */
export const plainInstallation: Installation = {
  hostname: "testvm",
  rootDev: "/dev/vda",
  partitionTable: "mbr",
  firmware: "bios",
  bootloader: "grub",
  fs: "ext4",
  pacmanMirrors: ["https://mirror.example/$repo/os/$arch"],
  packages: [],
  development: true,
  xfstests: true,
  localPackages: [],
  locales: ["en_US.UTF-8"],
  timezone: "UTC",
  rootPassword: { kind: "ask" },
  users: [],
  sshKeys: [],
  commands: [],
  wipe: "ask",
};

export const SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here";

/** With everything that there is. */
export const fullInstallation: Installation = {
  ...plainInstallation,
  rootDev: "/dev/nvme0n1",
  partitionTable: "gpt",
  firmware: "both",
  fs: "btrfs",
  mkfsCmd: "mkfs.btrfs --label 'my root'",
  pacmanMirrors: ["https://mirror.example/$repo/os/$arch", "http://10.0.2.2:8080/$repo/os/$arch"],
  httpProxy: "http://10.0.2.2:3128",
  proxyExcept: "10.0.2.2,localhost",
  packages: ["tmux", "blktests"],
  localPackages: [
    {
      fileName: "hello-1.0-1-any.pkg.tar.gz",
      content: Buffer.from("a package"),
      info: "pkgname = hello\npkgver = 1.0-1\narch = any\n",
    },
  ],
  locales: ["de_DE.UTF-8", "en_US.UTF-8"],
  timezone: "Europe/Berlin",
  rootPassword: { kind: "plain", password: `it's "$HOME" \`x\` \\ EOF` },
  users: ["me", "you"],
  sshKeys: [SSH_KEY],
  autologin: "me",
  commands: ['echo "it\'s $HOME" > /root/ran', "true\nfalse || true"],
  wipe: "always",
};
