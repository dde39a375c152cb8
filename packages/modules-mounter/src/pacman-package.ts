import { type Compression, COMPRESSION_SUFFIX, compress } from "./compression.js";
import type { PackageMetadata } from "./package-metadata.js";
import { renderPacmanTar } from "./pacman-archive.js";
import { payload } from "./payload.js";
import type { PacmanPackage } from "./rendered-package.js";

/** A package for `pacman -U`: what makepkg makes of the PKGBUILD. */
export async function renderPacmanPackage(
  metadata: PackageMetadata,
  { compression, epochSeconds }: { readonly compression: Compression; readonly epochSeconds: number },
): Promise<PacmanPackage> {
  const { name, version, release } = metadata;
  const { tar, info } = await renderPacmanTar(metadata, {
    files: payload({ library: "usr/lib", licensePath: `usr/share/licenses/${name}/LICENSE` }),
    epochSeconds,
    packager: "vm modules-package",
    tool: "vm-modules-package",
  });
  return {
    fileName: `${name}-${version}-${release}-any.pkg.tar${COMPRESSION_SUFFIX[compression]}`,
    content: compress(tar, compression),
    info,
  };
}
