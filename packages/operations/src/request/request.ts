import type { ChangeRequest } from "./change-requests.js";
import type { CheckConfigRequest, MergeConfigRequest } from "./configuration-requests.js";
import type {
  CreateVmRequest,
  EditConfigRequest,
  ImportVmRequest,
  ModulesPackageRequest,
} from "./creation-requests.js";
import type { InstallRequest } from "./install-request.js";
import type { FetchKernelRequest, KernelRequest, ModulesRequest } from "./kernel-requests.js";
import type * as look from "./look-requests.js";
import type * as reach from "./reach-requests.js";
import type { RunCommandRequest, RunVmRequest } from "./run-requests.js";
import type * as running from "./running-requests.js";
import type {
  CollectCellsRequest,
  PlanCellsRequest,
  ReportRequest,
  RunCellsRequest,
  SubmitCellsRequest,
  TestRequest,
} from "./test-request.js";

/*
 * What somebody wants of vm, as plain data: it survives JSON.parse(JSON.stringify(request)). A path may be relative; it is then
 * relative to `cwd` of the host that carries the request out. Whether a file is there is asked then, too. A field that is absent has
 * the default that its comment names.
 */

export type * from "./booted-kernel.js";
export type * from "./change-requests.js";
export type * from "./configuration-requests.js";
export type * from "./creation-requests.js";
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
  | PlanCellsRequest
  | RunCellsRequest
  | CollectCellsRequest
  | SubmitCellsRequest
  | ReportRequest
  | InstallRequest
  | CreateVmRequest
  | ImportVmRequest
  | EditConfigRequest
  | ModulesPackageRequest
  | ChangeRequest
  | KernelRequest
  | FetchKernelRequest
  | ModulesRequest
  | MergeConfigRequest
  | CheckConfigRequest
  | look.ListRequest
  | look.InfoRequest
  | look.ShowConfigRequest
  | look.ExportVmRequest
  | look.ListSnapshotsRequest
  | look.DoctorRequest
  | look.DecodeRequest
  | look.ListCacheRequest
  | look.PruneCacheRequest
  | running.StartRequest
  | running.StopRequest
  | running.RestartRequest
  | running.PauseRequest
  | running.ResumeRequest
  | running.WaitRequest
  | running.EventsRequest
  | running.LogsRequest
  | running.ConsoleRequest
  | running.QmpRequest
  | running.GdbRequest
  | running.DumpRequest
  | reach.ExecRequest
  | reach.SshRequest
  | reach.SshConfigRequest
  | reach.CopyRequest
  | reach.ForwardRequest
  | reach.MountRequest;
