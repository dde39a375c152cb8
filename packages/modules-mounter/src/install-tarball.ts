import { type ArchiveEntry, renderTar } from "./archive.js";
import { type Compression, COMPRESSION_SUFFIX, compress } from "./compression.js";
import type { PackageMetadata } from "./package-metadata.js";
import { executable, plain } from "./payload.js";
import type { RenderedPackage } from "./rendered-package.js";

/** For guests with systemd and neither pacman nor dpkg: unpack it there, run `install.sh`, or `install.sh --uninstall`. */
export async function renderInstallTarball(
  { name, version }: PackageMetadata,
  { compression, epochSeconds }: { readonly compression: Compression; readonly epochSeconds: number },
): Promise<RenderedPackage> {
  const top = `${name}-${version}`;
  const entries: ArchiveEntry[] = [
    { path: top, mode: 0o755 },
    plain(`${top}/60-vm-exec.rules`, "60-vm-exec.rules"),
    plain(`${top}/LICENSE`, "vm-modules-mounter.LICENSE"),
    executable(`${top}/install.sh`, "vm-modules-mounter-install.sh"),
    plain(`${top}/vm-exec.service`, "vm-exec.service"),
    executable(`${top}/vm-modules-mount`, "vm-modules-mount"),
    executable(`${top}/vm-modules-mounter`, "vm-modules-mounter"),
  ];
  const tar = await renderTar(entries, { mtimeSeconds: epochSeconds });
  return {
    fileName: `${top}.tar${COMPRESSION_SUFFIX[compression]}`,
    content: compress(tar, compression),
  };
}
