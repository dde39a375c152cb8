import { architectureNamed } from "@vm/qemu-argv";
import type { Distribution, DistributionFamily } from "./distribution.js";

/** What may be missing. */
export type Part =
  | "bc"
  | "binutils"
  | "bison"
  | "bsdtar"
  | "busybox"
  | "flex"
  | "gcc"
  | "gdb"
  | "git"
  | "kmod"
  | "libelf"
  | "make"
  | "openssl"
  | "qemu-img"
  | "ssh"
  | "sshd"
  | "util-linux"
  | "virtiofsd"
  | "xz"
  | "zstd";

type Names = Readonly<Record<DistributionFamily, string>>;

function everywhere(name: string): Names {
  return { debian: name, fedora: name, arch: name, suse: name, nixos: name };
}

/** The packages of parts. nixpkgs: attributes. */
const names: Readonly<Record<Part, Names>> = {
  bc: everywhere("bc"),
  binutils: everywhere("binutils"),
  bison: everywhere("bison"),
  bsdtar: { ...everywhere("libarchive"), debian: "libarchive-tools", fedora: "bsdtar", suse: "bsdtar" },
  busybox: {
    ...everywhere("busybox"),
    debian: "busybox-static",
    suse: "busybox-static",
    nixos: "pkgsStatic.busybox",
  },
  flex: everywhere("flex"),
  gcc: { ...everywhere("gcc"), debian: "gcc libc6-dev" },
  gdb: everywhere("gdb"),
  git: everywhere("git"),
  kmod: everywhere("kmod"),
  libelf: {
    debian: "libelf-dev",
    fedora: "elfutils-libelf-devel",
    arch: "libelf",
    suse: "libelf-devel",
    nixos: "elfutils",
  },
  make: { ...everywhere("make"), nixos: "gnumake" },
  openssl: {
    ...everywhere("openssl"),
    debian: "libssl-dev",
    fedora: "openssl-devel",
    suse: "libopenssl-devel",
  },
  "qemu-img": { ...everywhere("qemu-img"), debian: "qemu-utils", nixos: "qemu" },
  ssh: {
    ...everywhere("openssh"),
    debian: "openssh-client",
    fedora: "openssh-clients",
    suse: "openssh-clients",
  },
  sshd: {
    ...everywhere("openssh"),
    debian: "openssh-server",
    fedora: "openssh-server",
    suse: "openssh-server",
  },
  "util-linux": everywhere("util-linux"),
  virtiofsd: everywhere("virtiofsd"),
  xz: { ...everywhere("xz"), debian: "xz-utils" },
  zstd: everywhere("zstd"),
};

/** QEMU's own, for an architecture that this machine or a kernel has. */
export interface QemuPart {
  readonly qemuFor: string;
}

/** The packages that bring parts, in this distribution; none where nobody knows its names. */
export function packagesOf(
  parts: readonly (Part | QemuPart)[],
  { family, codename = "", isEnterprise }: Distribution,
): string[] {
  if (family === undefined) return [];
  const all = parts.flatMap((part) => {
    if (typeof part !== "string") return isEnterprise ? "qemu-kvm" : qemuPackage(part.qemuFor, family);
    // They have QEMU's own, and no package of that name.
    if (part === "virtiofsd" && ["bullseye", "bookworm", "jammy"].includes(codename))
      return "qemu-system-common";
    return names[part][family].split(" ");
  });
  return [...new Set(all)];
}

function qemuPackage(arch: string, family: DistributionFamily): string {
  const facts = architectureNamed(arch);
  const known = facts?.qemuPackages;
  switch (family) {
    case "debian":
      return known?.debian ?? "qemu-system-misc";
    case "fedora":
      return known?.fedora ?? "qemu";
    case "arch":
      return known?.arch ?? "qemu-full";
    case "suse":
      return facts?.qemu === "x86_64" || facts?.qemu === "i386" ? "qemu-x86" : "qemu";
    case "nixos":
      return "qemu";
    default:
      return family satisfies never;
  }
}
