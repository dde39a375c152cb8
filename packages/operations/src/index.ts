export { userConfigOnce, type Host } from "./host.js";
export { mergeWarnings, remark, warning, type Notice } from "./notice.js";
export { readRequest } from "./request/read-request.js";
export type {
  BootedKernel,
  CheckConfigRequest,
  CommandSettings,
  DebugSettings,
  DumpRequest,
  EmbeddedGuestSettings,
  FetchKernelRequest,
  FileTest,
  GdbRequest,
  InstallFromHost,
  InstallFromIso,
  InstallRequest,
  KernelRequest,
  MachineSettings,
  MergeConfigRequest,
  ModulesRequest,
  Request,
  RevisionBuild,
  RunCommandRequest,
  RunVmRequest,
  TestRequest,
  TextTest,
  VmGuest,
} from "./request/request.js";
