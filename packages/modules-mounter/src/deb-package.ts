import { renderDeb } from "./deb-archive.js";
import type { PackageMetadata } from "./package-metadata.js";
import { payload } from "./payload.js";
import type { RenderedPackage } from "./rendered-package.js";

/** In Debian mount(8) has a package of its own. */
const DEPENDS = "systemd, kmod, mount";

/**
 * A package for `dpkg -i`. Its files are below /lib, where a Debian that has not merged /usr looks for generators; where it
 * has, that is /usr/lib.
 */
export async function renderDebPackage(
  { name, version, release, description }: PackageMetadata,
  { epochSeconds }: { readonly epochSeconds: number },
): Promise<RenderedPackage> {
  const content = await renderDeb({
    fields: [
      ["Package", name],
      ["Version", `${version}-${release}`],
      ["Architecture", "all"],
      ["Maintainer", "vm modules-package <root@localhost>"],
      ["Depends", DEPENDS],
      ["Section", "kernel"],
      ["Priority", "optional"],
      ["Description", description],
    ],
    files: payload({ library: "lib", licensePath: `usr/share/doc/${name}/copyright` }),
    epochSeconds,
  });
  return { fileName: `${name}_${version}-${release}_all.deb`, content };
}
