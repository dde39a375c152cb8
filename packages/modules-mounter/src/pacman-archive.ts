import { createHash } from "node:crypto";
import { type ArchiveEntry, renderTar, withDirectories } from "./archive.js";
import { compress } from "./compression.js";
import type { PackageMetadata } from "./package-metadata.js";

/** What a package of pacman holds besides its metadata. */
export interface PacmanContent {
  readonly files: readonly ArchiveEntry[];
  /** Seconds since 1970: the time of everything in it. */
  readonly epochSeconds: number;
  readonly packager: string;
  /** The program that makes it. */
  readonly tool: string;
  /** Optional dependencies: `NAME: what for`. */
  readonly optional?: readonly string[];
  readonly url?: string;
}

/**
 * What `pacman -U` takes once it is compressed, as makepkg makes it of a PKGBUILD (metadata first, then the payload; see
 * PKGINFO(5), BUILDINFO(5), and for .MTREE mtree(5) as libarchive writes it).
 * @returns `info`: the `.PKGINFO` in it
 */
export async function renderPacmanTar(
  metadata: PackageMetadata,
  content: PacmanContent,
): Promise<{ readonly tar: Uint8Array; readonly info: string }> {
  const { epochSeconds } = content;
  const files = withDirectories(content.files);
  const buildInfo = text(".BUILDINFO", buildInfoLines(metadata, content));
  const packageInfo = text(".PKGINFO", packageInfoLines(metadata, content));
  const tree = text(".MTREE", mtreeLines([buildInfo, packageInfo, ...files], epochSeconds));
  const mtree = { ...tree, content: compress(tree.content, "gzip") };
  return {
    tar: await renderTar([buildInfo, mtree, packageInfo, ...files], { mtimeSeconds: epochSeconds }),
    info: Buffer.from(packageInfo.content).toString("utf8"),
  };
}

type TextEntry = ArchiveEntry & { readonly content: Uint8Array };

function text(path: string, lines: readonly string[]): TextEntry {
  return { path, mode: 0o644, content: Buffer.from(`${lines.join("\n")}\n`) };
}

function packageInfoLines(
  { name, version, release, description, license, dependencies }: PackageMetadata,
  { files, epochSeconds, packager, optional = [], url }: PacmanContent,
): string[] {
  const size = files.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  return [
    `pkgname = ${name}`,
    `pkgbase = ${name}`,
    "xdata = pkgtype=pkg",
    `pkgver = ${version}-${release}`,
    `pkgdesc = ${description}`,
    ...(url === undefined ? [] : [`url = ${url}`]),
    `builddate = ${epochSeconds}`,
    `packager = ${packager}`,
    `size = ${size}`,
    "arch = any",
    `license = ${license}`,
    ...dependencies.map((dependency) => `depend = ${dependency}`),
    ...optional.map((dependency) => `optdepend = ${dependency}`),
  ];
}

/** The directories stand for nothing: no path of the host gets into a package. */
function buildInfoLines(
  { name, version, release, pkgbuild }: PackageMetadata,
  { epochSeconds, packager, tool }: PacmanContent,
): string[] {
  return [
    "format = 2",
    `pkgname = ${name}`,
    `pkgbase = ${name}`,
    `pkgver = ${version}-${release}`,
    "pkgarch = any",
    `pkgbuild_sha256sum = ${digest("sha256", pkgbuild)}`,
    `packager = ${packager}`,
    `builddate = ${epochSeconds}`,
    "builddir = /build",
    "startdir = /startdir",
    `buildtool = ${tool}`,
    `buildtoolver = ${version}`,
  ];
}

/** pacman 6.0 compares both digests (with sha256 alone every file reads as altered); 6.1 and newer ignore md5. */
function mtreeLines(entries: readonly ArchiveEntry[], epochSeconds: number): string[] {
  return [
    "#mtree",
    ...entries.map(({ path, mode, content, link }) => {
      const common = `./${path} time=${epochSeconds}.0 mode=${mode.toString(8)} uid=0 gid=0`;
      if (link !== undefined) return `${common} type=link link=${link}`;
      return content === undefined
        ? `${common} type=dir`
        : `${common} size=${content.length} md5digest=${digest("md5", content)} sha256digest=${digest("sha256", content)} type=file`;
    }),
  ];
}

function digest(algorithm: "md5" | "sha256", content: Uint8Array): string {
  return createHash(algorithm).update(content).digest("hex");
}
