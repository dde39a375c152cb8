import { kernelCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
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
import type { CommandContext, CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface KernelOptions extends DryRun, GitKernelOptions {
  readonly json?: true;
  readonly fetch?: string;
  readonly flavour?: string;
  readonly mirror?: string;
  readonly keyring?: string;
}

export const define: CommandModule["define"] = definition(
  kernelCommand,
  (context) => async (kernel: string | undefined, options: KernelOptions) => {
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
  },
);

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
