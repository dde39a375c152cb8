import { readFileSync } from "node:fs";

/** Distributions that name their packages alike. */
export type DistributionFamily = "arch" | "debian" | "fedora" | "nixos" | "suse";

export interface Distribution {
  /** `ID` of os-release(5). */
  readonly id: string;
  /** `PRETTY_NAME`. */
  readonly name: string;
  /** Undefined where nobody knows what its packages are called. */
  readonly family?: DistributionFamily;
  /** RHEL or one like it, which has one QEMU and calls it qemu-kvm. */
  readonly isEnterprise: boolean;
  /** `VERSION_CODENAME`, where there is one. */
  readonly codename?: string;
}

const families: Readonly<Record<string, DistributionFamily>> = {
  debian: "debian",
  ubuntu: "debian",
  fedora: "fedora",
  rhel: "fedora",
  centos: "fedora",
  arch: "arch",
  nixos: "nixos",
  suse: "suse",
  opensuse: "suse",
  "opensuse-tumbleweed": "suse",
  "opensuse-leap": "suse",
  sles: "suse",
};

/** Which distribution an os-release(5) is of: by its own id, else by those that it is like. */
export function readDistribution(text: string): Distribution {
  const values = new Map(
    text.split("\n").flatMap((line) => {
      const [, key, value = ""] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, "$2")] as const];
    }),
  );
  const id = values.get("ID") ?? "linux";
  const alike = [id, ...(values.get("ID_LIKE") ?? "").split(/\s+/)];
  const known = alike.find((each) => Object.hasOwn(families, each));
  const family = known === undefined ? undefined : families[known];
  const codename = values.get("VERSION_CODENAME");
  return {
    id,
    name: values.get("PRETTY_NAME") ?? values.get("NAME") ?? id,
    isEnterprise: alike.includes("rhel"),
    ...(family === undefined ? {} : { family }),
    ...(codename === undefined ? {} : { codename }),
  };
}

/** This machine's. Source: os-release(5). */
export function ownDistribution(): Distribution {
  for (const file of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      return readDistribution(readFileSync(file, "utf8"));
    } catch {
      // The other one, then.
    }
  }
  return { id: "linux", name: "Linux", isEnterprise: false };
}

/** The one command that installs packages. @param isRoot whether it has to become root first */
export function installCommand(
  family: DistributionFamily,
  packages: readonly string[],
  { isRoot }: { readonly isRoot: boolean },
): string {
  const words = packages.join(" ");
  const sudo = isRoot ? "" : "sudo ";
  switch (family) {
    case "debian":
      return `${sudo}apt install ${words}`;
    case "fedora":
      return `${sudo}dnf install ${words}`;
    case "arch":
      return `${sudo}pacman -S --needed ${words}`;
    case "suse":
      return `${sudo}zypper install ${words}`;
    case "nixos":
      return `nix-shell -p ${words}`;
    default:
      return family satisfies never;
  }
}
