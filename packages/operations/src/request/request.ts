import type { ChangeRequest } from "./change-requests.js";
import type { MergeConfigRequest, CheckConfigRequest } from "./configuration-requests.js";
import type { InstallRequest } from "./install-request.js";
import type { KernelRequest, FetchKernelRequest, ModulesRequest } from "./kernel-requests.js";
import type { DoctorRequest, PruneCacheRequest } from "./look-requests.js";
import type { CopyRequest, ExecRequest, ForwardRequest, MountRequest, SshRequest } from "./reach-requests.js";
import type { RunVmRequest, RunCommandRequest } from "./run-requests.js";
import type { GdbRequest, DumpRequest } from "./running-requests.js";
import type { TestRequest } from "./test-request.js";

/*
 * What somebody wants of vm, as plain data: it survives JSON.parse(JSON.stringify(request)). A path may be relative; it is then
 * relative to `cwd` of the host that carries the request out. Whether a file is there is asked then, too. A field that is absent has
 * the default that its comment names.
 */

export type * from "./booted-kernel.js";
export type * from "./change-requests.js";
export type * from "./configuration-requests.js";
export type * from "./guest-settings.js";
export type * from "./install-request.js";
export type * from "./kernel-requests.js";
export type * from "./look-requests.js";
export type * from "./machine-settings.js";
export type * from "./reach-requests.js";
export type * from "./run-requests.js";
export type * from "./running-requests.js";
export type * from "./test-request.js";

/** Any of them; `operation` says which. `readRequest` makes one of JSON. */
export type Request =
  | RunVmRequest
  | RunCommandRequest
  | TestRequest
  | InstallRequest
  | KernelRequest
  | FetchKernelRequest
  | ModulesRequest
  | GdbRequest
  | DumpRequest
  | MergeConfigRequest
  | CheckConfigRequest
  | ChangeRequest
  | ExecRequest
  | SshRequest
  | CopyRequest
  | ForwardRequest
  | MountRequest
  | DoctorRequest
  | PruneCacheRequest;
