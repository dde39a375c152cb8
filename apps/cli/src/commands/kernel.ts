import { plainText } from "@vm/command-plan";
import {
  checkGitOptions,
  type DryRun,
  type GitKernelOptions,
  parseRevisionBuild,
  usageError,
} from "@vm/command-requests";
import type { KernelBuild } from "@vm/kernel-build";
import {
  describeKernel,
  fetchReleasedKernel,
  fetchScript,
  findKernel,
  kernelScript,
  type FetchKernelRequest,
  type KernelRequest,
  renderJson,
} from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { addGitOptions } from "../run/git-options.js";

interface KernelOptions extends DryRun, GitKernelOptions {
  readonly json?: true;
  readonly fetch?: string;
  readonly flavour?: string;
  readonly mirror?: string;
  readonly keyring?: string;
}

const examples = `
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
`;

export function define(command: Command, context: CommandContext): void {
  addGitOptions(
    command
      .argument("[kernel]", "a build tree, an image, a package, an installed release...")
      .option("--json", "print a JSON document")
      .option(...dryRunOption)
      .optionsGroup("A released kernel from a mirror of Debian:")
      .option(
        "--fetch <what>",
        "download debian:SUITE or a version into the cache, for --arch; print what -k takes",
      )
      .option("--flavour <name>", "cloud, rt... (default: the usual kernel)")
      .option("--mirror <url>", "fetch from there (default: the Debian mirror of this machine's apt)")
      .option("--keyring <file>", "whose signatures count (default: Debian's, of debian-archive-keyring)"),
  )
    .addHelpText("after", examples)
    .action(async (kernel: string | undefined, options: KernelOptions) => {
      if (options.fetch !== undefined) {
        await fetchReleased(kernel, { ...options, fetch: options.fetch }, context);
        return;
      }
      const orphan = (["flavour", "mirror", "keyring"] as const).find((name) => options[name] !== undefined);
      if (orphan !== undefined) throw usageError(`--${orphan} needs --fetch`);
      if (kernel === undefined) {
        throw usageError(
          "no kernel given",
          "Name what -k takes, or download a released one: --fetch debian:sid.",
        );
      }
      checkGitOptions([kernel], options);
      const build = parseRevisionBuild(options);
      const request: KernelRequest = {
        operation: "kernel",
        kernel,
        ...(build === undefined ? {} : { build }),
      };
      const host = ownHost(context);
      if (options.dryRun === true) {
        const flags = options.json === true ? ["--json"] : [];
        const render = (found: KernelBuild): string => inWords(found, options);
        writeOutput(await kernelScript(request, { flags, render }, host));
        return;
      }
      const found = await findKernel(request, "run", host);
      writeOutput(plainText(inWords(found, options)));
    });
}

/** `--fetch` */
async function fetchReleased(
  kernel: string | undefined,
  options: KernelOptions & { readonly fetch: string },
  context: CommandContext,
): Promise<void> {
  const building = (["jobs", "fragments", "base"] as const).find((name) => options[name] !== undefined);
  if (building !== undefined) throw usageError(`--fetch builds nothing: it takes no --${building}`);
  if (kernel !== undefined) throw usageError(`--fetch takes no kernel as well: '${kernel}'`);
  const host = ownHost(context);
  if (options.dryRun === true) {
    writeOutput(fetchScript(host));
    return;
  }
  const { fetch: release, arch, flavour, mirror, keyring } = options;
  const request: FetchKernelRequest = {
    operation: "fetch-kernel",
    release,
    ...(arch === undefined ? {} : { arch }),
    ...(flavour === undefined ? {} : { flavour }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(keyring === undefined ? {} : { keyring }),
  };
  const fetched = await fetchReleasedKernel(request, host);
  writeOutput(options.json === true ? renderJson(fetched) : `${fetched.path}\n`);
}

function inWords(build: KernelBuild, { json }: KernelOptions): string {
  return json === true ? renderJson(build) : describeKernel(build);
}
