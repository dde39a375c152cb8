import * as v from "valibot";
import type {
  CreateVmRequest,
  EditConfigRequest,
  ImportVmRequest,
  ModulesPackageRequest,
} from "../creation-requests.js";
import { cpusText, diskBus, diskSize, memory, object, path, texts, vmName, word } from "./values.js";

export const createVm: v.GenericSchema<CreateVmRequest> = object({
  operation: v.literal("create-vm"),
  vm: vmName,
  cpus: v.exactOptional(cpusText),
  memory: v.exactOptional(memory),
  size: v.exactOptional(diskSize),
  disks: v.exactOptional(v.pipe(v.array(diskSize), v.readonly())),
  bus: v.exactOptional(diskBus),
  arch: v.exactOptional(word),
});

export const editConfig: v.GenericSchema<EditConfigRequest> = object({
  operation: v.literal("edit-config"),
  vm: vmName,
});

export const modulesPackage: v.GenericSchema<ModulesPackageRequest> = object({
  operation: v.literal("modules-package"),
  directory: path,
  format: v.exactOptional(v.picklist(["pacman", "deb", "tar"])),
  compression: v.exactOptional(v.picklist(["gzip", "zstd", "none"])),
});

export const importVm: v.GenericSchema<ImportVmRequest> = object({
  operation: v.literal("import-vm"),
  vm: vmName,
  image: path,
  format: v.exactOptional(v.picklist(["qcow2", "raw", "vdi", "vhdx", "vmdk", "vpc"])),
  cpus: v.exactOptional(cpusText),
  memory: v.exactOptional(memory),
  size: v.exactOptional(diskSize),
  disks: v.exactOptional(v.pipe(v.array(diskSize), v.readonly())),
  bus: v.exactOptional(diskBus),
  arch: v.exactOptional(word),
  user: v.exactOptional(word),
  sshKey: v.exactOptional(texts),
  hostname: v.exactOptional(word),
});
