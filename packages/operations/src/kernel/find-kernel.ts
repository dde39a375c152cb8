import {
  checkEmbedded,
  fetchKernel,
  modulesReport,
  resolveKernel,
  type FetchedKernel,
  type GitBuild,
  type KernelBuild,
  type ModulesReport,
} from "@vm/kernel-build";
import { keepCacheLimit } from "../cache/cache-limit.js";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { remark } from "../notice.js";
import { tellIfLong } from "../long-step.js";
import type { FetchKernelRequest, KernelRequest, ModulesRequest } from "../request/request.js";
import { builtKernel, type NamedKernel } from "./built-kernel.js";
import { kernelLookup } from "./kernel-lookup.js";
import { indexingOf } from "./modules-index.js";

/** What a kernel is. A revision is built, a package unpacked. @throws `KERNEL_NOT_PREPARED` for a script, where something is to be done */
export async function findKernel(
  request: KernelRequest | ModulesRequest,
  mode: Mode,
  host: Host,
): Promise<KernelBuild> {
  const name = await builtKernel(namedKernel(request), mode, host);
  const found = await resolveKernel(name, kernelLookup(host, mode));
  if (mode === "run") keepCacheLimit(host);
  if (request.operation === "modules") return found;
  return { ...found, warnings: [...found.warnings, ...checkEmbedded(found)] };
}

function namedKernel(request: KernelRequest | ModulesRequest): NamedKernel {
  const { kernel: name } = request;
  return request.operation === "modules" || request.build === undefined
    ? { name }
    : { name, build: request.build };
}

/** How a revision is built, step by step. */
export async function planRevision({ kernel, build = {} }: KernelRequest, host: Host): Promise<GitBuild> {
  const { planGitKernel } = await import("./git-kernel.js");
  return planGitKernel(kernel, build, host);
}

/** Downloads a released kernel into the cache. */
export async function fetchReleasedKernel(request: FetchKernelRequest, host: Host): Promise<FetchedKernel> {
  const { release: what, arch = host.arch, flavour, mirror, keyring } = request;
  const fetched = await fetchKernel({
    what,
    arch,
    ...(flavour === undefined ? {} : { flavour }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(keyring === undefined ? {} : { keyring }),
    cwd: host.cwd,
    cacheDir: host.cacheDir,
    onWait: (message) => host.notice(remark(message)),
    signal: host.signal,
  });
  keepCacheLimit(host);
  return fetched;
}

/** What modules a kernel has; makes the index of them where there is none yet. */
export function reportModules(
  build: KernelBuild,
  host: Pick<Host, "cacheDir" | "notice">,
): Promise<ModulesReport> {
  const { cacheDir } = host;
  return tellIfLong(indexingOf(build), () => modulesReport(build, { cacheDir }), host);
}
