import type { DecodeRequest, FetchKernelRequest, KernelRequest } from "@vm/operations";
import type { DryRun } from "../caller.js";
import { parseRevisionBuild } from "../option-values.js";
import { checkGitOptions } from "../run/option-check.js";
import type { GitKernelOptions } from "../run/run-options.js";
import { usageError } from "../usage-error.js";

/** The options of `vm kernel`. */
export interface KernelOptions extends DryRun, GitKernelOptions {
  readonly json?: true;
  readonly fetch?: string;
  readonly flavour?: string;
  readonly mirror?: string;
  readonly keyring?: string;
}

/** `vm kernel KERNEL`, `vm kernel --fetch RELEASE` @throws USAGE */
export function kernelRequest(
  kernel: string | undefined,
  options: KernelOptions,
): FetchKernelRequest | KernelRequest {
  if (options.fetch !== undefined) return fetchRequest(kernel, { ...options, fetch: options.fetch });
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
  return { operation: "kernel", kernel, ...(build === undefined ? {} : { build }) };
}

function fetchRequest(
  kernel: string | undefined,
  options: KernelOptions & { readonly fetch: string },
): FetchKernelRequest {
  const building = (["jobs", "fragments", "base"] as const).find((name) => options[name] !== undefined);
  if (building !== undefined) throw usageError(`--fetch builds nothing: it takes no --${building}`);
  if (kernel !== undefined) throw usageError(`--fetch takes no kernel as well: '${kernel}'`);
  const { fetch: release, arch, flavour, mirror, keyring } = options;
  return {
    operation: "fetch-kernel",
    release,
    ...(arch === undefined ? {} : { arch }),
    ...(flavour === undefined ? {} : { flavour }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(keyring === undefined ? {} : { keyring }),
  };
}

/** The options of `vm modules`. */
export interface ModulesOptions extends DryRun {
  readonly json?: true;
  readonly quiet?: true;
}

/** Those that say in which form it is told; of `vm modules -n` the script has them too. @throws USAGE */
export function modulesFlags({ json, quiet }: ModulesOptions): string[] {
  if (json === true && quiet === true) throw usageError("--json and --quiet exclude each other");
  return [...(json === true ? ["--json"] : []), ...(quiet === true ? ["--quiet"] : [])];
}

/** The options of `vm decode`. */
export interface DecodeOptions extends DryRun, GitKernelOptions {
  readonly kernel?: string;
  readonly module?: readonly string[];
  readonly full?: true;
  readonly json?: true;
}

/** `vm decode [FILE] -k KERNEL` @param stdin whether somebody would have to type the log @throws USAGE */
export function decodeRequest(
  file: string | undefined,
  options: DecodeOptions,
  stdin: "file" | "terminal",
): DecodeRequest {
  const { kernel, module } = options;
  if (kernel === undefined) throw usageError("no kernel given: name the one that ran with -k BUILD");
  if (options.json === true && options.full === true)
    throw usageError("--json has everything: it takes no --full");
  checkGitOptions([kernel], options);
  const isInput = file === undefined || file === "-";
  if (isInput && stdin === "terminal") {
    throw usageError("no log given", "Name a file, or give it on standard input: dmesg | vm decode -k host");
  }
  const build = parseRevisionBuild(options);
  return {
    operation: "decode",
    kernel,
    ...(build === undefined ? {} : { build }),
    ...(isInput ? {} : { log: file }),
    ...(module === undefined ? {} : { modules: module }),
  };
}
