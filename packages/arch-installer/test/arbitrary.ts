import * as fc from "fast-check";
import type { Installation, RootPassword } from "../src/index.js";
import { SSH_KEY } from "./installation.js";

/** Text on one line with everything that a shell, a here-document or shellcheck might stumble over. */
const hostileLine = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        "$",
        "$(id)",
        "`id`",
        "\\",
        "EOF",
        "!",
        "~",
        "*",
        "{a,b}",
        ";",
        "#",
        "-",
        " ",
        "%s",
      ),
      fc.constantFrom("ä", "\u2018", "${x}", "=", "# shellcheck"),
      fc.string({ maxLength: 4 }).filter((text) => !/[\p{C}\u2028\u2029]/u.test(text)),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(""));

export const password = hostileLine.filter((text) => text !== "");

export const command = fc
  .array(hostileLine, { minLength: 1, maxLength: 3 })
  .map((lines) => lines.join("\n"))
  .filter((text) => text.trim() !== "");

const url = fc
  .array(fc.constantFrom("a", "$repo", "$arch", "'", '"', "`id`", "$(id)", "%20", "&", ";", "x"), {
    maxLength: 5,
  })
  .map((parts) => `https://mirror.example/${parts.join("")}`);

const sshKey = hostileLine.map((comment) => `${SSH_KEY} ${comment}`);

const mkfsWord = hostileLine.filter((word) => !word.includes("'")).map((word) => `'${word}'`);

const rootPassword: fc.Arbitrary<RootPassword> = fc.oneof(
  fc.constant<RootPassword>({ kind: "ask" }),
  fc.constant<RootPassword>({ kind: "locked" }),
  fc.constant<RootPassword>({ kind: "hash", hash: "$6$salt$Az09./" }),
  password.map((text): RootPassword => ({ kind: "plain", password: text })),
);

/** Installations that can be installed, with values that are as hostile as their checks allow. */
export const installation: fc.Arbitrary<Installation> = fc
  .record(
    {
      hostname: fc.constantFrom("testvm", "a", "a-b.example"),
      rootDev: fc.constantFrom("/dev/vda", "/dev/nvme0n1", "/dev/mmcblk0", "/dev/disk/by-id/virtio-x"),
      partitionTable: fc.constantFrom("gpt" as const, "mbr" as const),
      boot: fc.constantFrom(
        ...(["bios", "uefi", "both"] as const).map((firmware) => ({ firmware, bootloader: "grub" as const })),
        { firmware: "bios" as const, bootloader: "none" as const },
      ),
      fs: fc.constantFrom("ext4" as const, "btrfs" as const, "xfs" as const),
      mkfsCmd: fc.option(
        mkfsWord.map((word) => `mkfs.ext4 -L ${word}`),
        { nil: undefined },
      ),
      pacmanMirrors: fc.array(url, { minLength: 1, maxLength: 3 }),
      httpProxy: fc.option(url, { nil: undefined }),
      proxyExcept: fc.option(fc.constantFrom("a,b", "'", "$(id)"), { nil: undefined }),
      packages: fc.array(fc.constantFrom("tmux", "gtk+", "extra/vim"), { maxLength: 2 }),
      development: fc.boolean(),
      xfstests: fc.boolean(),
      localPackages: fc.array(
        fc.uint8Array({ maxLength: 200 }).map((content) => ({
          fileName: "x-1-1-any.pkg.tar.zst",
          content,
          info: "pkgname = x\npkgver = 1-1\n",
        })),
        { maxLength: 1 },
      ),
      locales: fc.constantFrom(["C.UTF-8"], ["en_US.UTF-8"], ["de_DE@euro", "C.UTF-8", "en_US.UTF-8"]),
      timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"),
      rootPassword,
      users: fc.constantFrom([], ["me"], ["me", "you"]),
      sshKeys: fc.array(sshKey, { maxLength: 2 }),
      autologin: fc.constantFrom(undefined, "root"),
      commands: fc.array(command, { maxLength: 2 }),
      wipe: fc.constantFrom("ask" as const, "always" as const),
    },
    { noNullPrototype: true },
  )
  .map(({ boot, mkfsCmd, httpProxy, proxyExcept, autologin, ...rest }) => ({
    ...rest,
    ...boot,
    ...(mkfsCmd === undefined ? {} : { mkfsCmd }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(proxyExcept === undefined ? {} : { proxyExcept }),
    ...(autologin === undefined ? {} : { autologin }),
  }));
