import type { CommandDeclaration } from "../command-declaration.js";
import { gitGroup } from "../options/git-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const kernelCommand: CommandDeclaration = {
  arguments: [["[kernel]", "a build tree, an image, a package, an installed release..."]],
  options: [["--json", "print a JSON document"], dryRunOption],
  groups: [
    {
      heading: "A released kernel from a mirror of Debian:",
      options: [
        [
          "--fetch <what>",
          "download debian:SUITE or a version into the cache, for --arch; print what -k takes",
        ],
        ["--flavour <name>", "cloud, rt... (default: the usual kernel)"],
        ["--mirror <url>", "fetch from there (default: the Debian mirror of this machine's apt)"],
        ["--keyring <file>", "whose signatures count (default: Debian's, of debian-archive-keyring)"],
      ],
    },
    gitGroup,
  ],
  notes: `
KERNEL is what -k of the other commands takes. A name is looked up in this order, and a warning says when it could mean two things:
  git:REVISION       a commit of the kernel repository here, built in the cache
  a path             with a slash in it, or of something in the directory where you stand:
    a build tree       the source tree, or what O= named: a directory with .config
    lib/modules/R      a directory of modules, with its image in it or in boot/
    a root             a directory with boot/ and lib/modules/: an unpacked package, or INSTALL_MOD_PATH
    a package          .deb, .rpm, .pkg.tar.*, or what make tar-pkg writes: unpacked into the cache;
                       of a kernel in several packages any one: the others are found beside it
    packages           the directory that holds those of a kernel; or A.deb+B.deb
    an image           bzImage, vmlinuz, vmlinux, Image, Image.gz, EFI zboot; with the modules of the
                       build tree or root that it stands in
  a name in builds   the directory of the configuration
  host               the release that runs here
  a release          installed here: /boot/vmlinuz-R or /lib/modules/R/vmlinuz

Examples:
  vm kernel ~/linux
  vm kernel linux-image-6.1.0-56-amd64_6.1.192-1_amd64.deb
  vm kernel 6.12.5-arch1-1 --json | jq -r .image
  vm kernel git:v6.12 --fragments qemu,kasan -j 8
  vm run -k "$(vm kernel --fetch debian:sid)" --exec 'uname -r'
  vm kernel --fetch 6.12 --flavour cloud --arch arm64
`,
};
