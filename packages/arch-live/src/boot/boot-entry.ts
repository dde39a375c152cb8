/** What a boot loader's entry starts the live system with. Paths are those in the image, with no slash in front. */
export interface BootEntry {
  readonly kernel: string;
  readonly initramfs: string;
  /** The kernel's parameters, such as `archisobasedir=arch archisosearchuuid=2026-11-01-10-20-30-00`. */
  readonly parameters: string;
}

/**
 * Reads the configuration of the boot loaders that archiso puts on its images: systemd-boot's entries, syslinux's menus and
 * GRUB's. They agree closely enough to be read alike: a line with the kernel, one with the initramfs, one with the
 * parameters (GRUB has them behind the kernel). Sources: the Boot Loader Specification; syslinux's doc/menu.txt; GRUB's
 * manual, `linux`.
 * @returns the entries that boot the image itself, in order
 */
export function readBootEntries(text: string): BootEntry[] {
  const entries: BootEntry[] = [];
  let kernel: string | undefined;
  let initramfs: string | undefined;
  let parameters: string | undefined;
  const finish = (): void => {
    // What the loader's own variables are in is for another way of booting, such as a file on a disk.
    if (kernel !== undefined && initramfs !== undefined && isWhole(parameters)) {
      entries.push({ kernel, initramfs, parameters });
    }
    kernel = undefined;
    initramfs = undefined;
    parameters = undefined;
  };
  for (const line of text.split(/\r?\n/)) {
    const [, word = "", rest = ""] = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    switch (word.toLowerCase()) {
      case "title":
      case "label":
      case "menuentry":
        finish();
        break;
      case "linux":
      case "kernel": {
        if (kernel !== undefined) finish();
        const [path = "", ...words] = rest.split(/\s+/);
        kernel = inImage(path);
        if (words.length > 0) parameters = words.join(" ");
        break;
      }
      case "initrd":
        // Microcode may come first: the last one is the live system's.
        initramfs = inImage(rest.split(/[\s,]+/).at(-1) ?? "");
        break;
      case "options":
      case "append": {
        const initrd = /(?:^|\s)initrd=(\S+)/.exec(rest)?.[1];
        if (initrd !== undefined) initramfs ??= inImage(initrd.split(",").at(-1) ?? "");
        parameters = rest.replaceAll(/(^|\s)initrd=\S+/g, "$1").trim();
        break;
      }
      default:
        break;
    }
  }
  finish();
  return entries;
}

function isWhole(parameters: string | undefined): parameters is string {
  return parameters !== undefined && /(^|\s)archiso/.test(parameters) && !/[$%]/.test(parameters);
}

function inImage(path: string): string {
  return path.replace(/^\(\$?\w+\)|^\$\{?\w+\}?/, "").replace(/^(\.?\/)+/, "");
}

/** The plain entry: not the one with a speech synthesizer, nor a netboot one. */
export function chooseEntry(entries: readonly BootEntry[]): BootEntry | undefined {
  const local = entries.filter(({ parameters }) => !/(^|\s)archiso_(http|nbd|nfs)/.test(parameters));
  return local.find(({ parameters }) => !/(^|\s)accessibility=on\b/.test(parameters)) ?? local[0];
}
