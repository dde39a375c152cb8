import { codedError, toScript, type Plan, type Step } from "@vm/command-plan";
import { checkDiskSize, createVm, planCreate, type NewVm } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import { sizeBytes } from "../keep/size.js";
import { checkArch } from "../kernel/known-arch.js";
import type { ImportVmRequest } from "../request/request.js";
import { tellLongStep } from "../long-step.js";
import { requestError } from "../request/request-error.js";
import { cloudSeed } from "./cloud-seed.js";
import { rootPartition } from "./root-partition.js";
import { lookAtImage, type SourceImage } from "./source-image.js";

/**
 * Makes a VM of an image: all of it or nothing; the image stays as it is.
 * @throws what `lookAtImage` and `createVm` throw; `REQUEST_INVALID`, `DISK_WOULD_SHRINK`
 */
export async function importVm(request: ImportVmRequest, host: Host): Promise<void> {
  await createVm(await newVm(request, host), { onLong: tellLongStep(host) });
}

/** The script that makes it. The image is looked at now. */
export async function importScript(request: ImportVmRequest, host: Host): Promise<string> {
  return toScript(planCreate(await newVm(request, host)));
}

async function newVm(request: ImportVmRequest, host: Host): Promise<NewVm> {
  const { vm, image, format, cpus, memory, size, disks, bus, arch } = request;
  const base: NewVm = {
    home: vmHome(host),
    name: vm,
    ...(cpus === undefined ? {} : { cpus }),
    ...(memory === undefined ? {} : { memory }),
    ...(disks === undefined ? {} : { disks }),
    ...(bus === undefined ? {} : { bus }),
    ...(arch === undefined ? {} : { arch: checkArch(arch, "arch") }),
  };
  // What is wrong with it is said before the image is read.
  planCreate(base);
  if (size !== undefined) checkDiskSize(size);
  const seed = cloudSeed({ ...request, sshKeys: await sshKeys(request, host) });
  const source = await lookAtImage(image, format, host);
  if (size !== undefined) checkGrowth(source, size);
  const partition = source.head === undefined ? undefined : rootPartition(source.head);
  return {
    ...base,
    ...(seed === undefined ? {} : { seed }),
    root: {
      steps: (files) => conversion(source, { ...files, ...(size === undefined ? {} : { size }) }),
      ...(partition === undefined ? {} : { partition }),
    },
  };
}

async function sshKeys({ sshKey = [] }: ImportVmRequest, { cwd }: Host): Promise<string[]> {
  if (sshKey.length === 0) return [];
  const { readSshKeys } = await import("@vm/arch-installer");
  return sshKey.flatMap((key) => {
    try {
      return readSshKeys(key, cwd);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw requestError("sshKey", message, "It is the file that ends in .pub.");
    }
  });
}

function checkGrowth({ sizeBytes: now, path }: SourceImage, size: string): void {
  if (now === undefined || sizeBytes(size) >= now) return;
  throw codedError(
    "DISK_WOULD_SHRINK",
    `${path} has ${now} bytes: it is not made smaller, as its end would be lost`,
    {
      hint: "Leave -s out, or give a larger size.",
    },
  );
}

/** Compressed data is unpacked first: qemu-img reads an image from any place. */
function conversion(
  { path, format, decompress }: SourceImage,
  { image, draft, size }: { readonly image: string; readonly draft: string; readonly size?: string },
): Plan {
  const convert = (from: string): Step => ({
    kind: "run",
    argv: ["qemu-img", "convert", "-q", "-f", format, "-O", "qcow2", "-o", "nocow=on", from, image],
  });
  const steps: readonly Step[] =
    decompress === undefined
      ? [convert(path)]
      : [
          // No shell of ours reads the words; the redirection is all that it is for.
          {
            kind: "run",
            argv: ["sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", draft, ...decompress, "--", path],
          },
          ...(format === "raw"
            ? []
            : [{ kind: "run", argv: ["qemu-img", "check", "-q", "-f", format, draft] } as const]),
          convert(draft),
          { kind: "remove", path: draft },
        ];
  if (size === undefined) return steps;
  return [...steps, { kind: "run", argv: ["qemu-img", "resize", "-q", "-f", "qcow2", image, size] }];
}
