import { createHash } from "node:crypto";
import { type ArchiveEntry, renderTar, withDirectories } from "./archive.js";
import { compress } from "./compression.js";
import type { PackageMetadata } from "./package-metadata.js";
import { payload } from "./payload.js";
import type { RenderedPackage } from "./rendered-package.js";

/** In Debian mount(8) has a package of its own. */
const DEPENDS = "systemd, kmod, mount";

/**
 * A package for `dpkg -i`: an ar archive of two tar archives, see deb(5). Its files are below /lib, where a Debian that has
 * not merged /usr looks for generators; where it has, that is /usr/lib.
 */
export async function renderDebPackage(
  metadata: PackageMetadata,
  { epochSeconds }: { readonly epochSeconds: number },
): Promise<RenderedPackage> {
  const { name, version, release } = metadata;
  const files = payload({ library: "lib", licensePath: `usr/share/doc/${name}/copyright` });
  const gzippedTar = async (entries: readonly ArchiveEntry[]): Promise<Uint8Array> =>
    compress(
      await renderTar(
        [{ path: ".", mode: 0o755 }, ...entries.map((entry) => ({ ...entry, path: `./${entry.path}` }))],
        { mtimeSeconds: epochSeconds },
      ),
      "gzip",
    );
  const content = renderAr(
    [
      { name: "debian-binary", content: Buffer.from("2.0\n") },
      { name: "control.tar.gz", content: await gzippedTar(controlFiles(metadata, files)) },
      { name: "data.tar.gz", content: await gzippedTar(withDirectories(files)) },
    ],
    epochSeconds,
  );
  return { fileName: `${name}_${version}-${release}_all.deb`, content };
}

function controlFiles(
  { name, version, release, description }: PackageMetadata,
  files: readonly ArchiveEntry[],
): ArchiveEntry[] {
  const installedKiB = files.reduce((sum, { content }) => sum + Math.ceil((content?.length ?? 0) / 1024), 0);
  const control = [
    `Package: ${name}`,
    `Version: ${version}-${release}`,
    "Architecture: all",
    "Maintainer: vm modules-package <root@localhost>",
    `Installed-Size: ${installedKiB}`,
    `Depends: ${DEPENDS}`,
    "Section: kernel",
    "Priority: optional",
    `Description: ${description}`,
  ];
  const digests = files.map(
    ({ path, content = new Uint8Array() }) => `${createHash("md5").update(content).digest("hex")}  ${path}`,
  );
  return [
    { path: "control", mode: 0o644, content: Buffer.from(`${control.join("\n")}\n`) },
    { path: "md5sums", mode: 0o644, content: Buffer.from(`${digests.join("\n")}\n`) },
  ];
}

/** The common ar format, see ar(5): a header of 60 bytes a member, each member at an even offset. */
function renderAr(
  members: readonly { readonly name: string; readonly content: Uint8Array }[],
  epochSeconds: number,
): Uint8Array {
  const parts = members.flatMap(({ name, content }) => {
    const columns: readonly (readonly [string, number])[] = [
      [name, 16],
      [String(epochSeconds), 12],
      ["0", 6],
      ["0", 6],
      ["100644", 8],
      [String(content.length), 10],
    ];
    const header = columns.map(([value, width]) => value.padEnd(width)).join("");
    return [Buffer.from(`${header}\`\n`), content, Buffer.from(content.length % 2 === 0 ? "" : "\n")];
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}
