import { codedError } from "@vm/command-plan";

/** The mirror that finds the nearest one; what arch-install takes by default too. */
export const DEFAULT_MIRROR = "https://geo.mirror.pkgbuild.com";

/**
 * The URL of a file of the newest image on a mirror.
 * @throws MIRROR_INVALID
 */
export function latestUrl(mirror: string, fileName: string): string {
  const base = URL.canParse(mirror) ? new URL(mirror) : undefined;
  if (base === undefined || (base.protocol !== "http:" && base.protocol !== "https:")) {
    throw codedError(
      "MIRROR_INVALID",
      `--mirror: expected the URL of a mirror, got ${JSON.stringify(mirror)}`,
      {
        hint: `For example ${DEFAULT_MIRROR}: http or https, and iso/latest/ is below it.`,
      },
    );
  }
  return new URL(`iso/latest/${fileName}`, base.href.endsWith("/") ? base : `${base.href}/`).href;
}
