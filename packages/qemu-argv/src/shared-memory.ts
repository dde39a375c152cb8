import { isOn } from "./boolean-text.js";
import { parseMemoryMiB } from "./memory-size.js";
import { memory, object } from "./machine-options.js";
import type { QemuOption } from "./option.js";
import { requestedProperty } from "./boot-query.js";
import { findOption, findOptions, hasOption, optionProperty } from "./option-query.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** The id of the memory that `sharedMemory` makes. */
const ID = "vm-memory";

/**
 * What to add to options so that other processes can map the guest's memory, as every vhost-user device wants it: memory
 * of the same size from a memfd. Nothing, where the options name shared memory of their own (`-numa node,memdev=`,
 * `-machine memory-backend=`). `-machine` options add up, so the machine's own stays as it is.
 *
 * @param defaultSize what the guest has when the options do not say it
 * @throws `QEMU_VALUE_INVALID` when the options' own memory cannot be shared
 */
export function sharedMemory(options: readonly QemuOption[], defaultSize: string): QemuOption[] {
  const ofMachine = requestedProperty(options, "machine", "memory-backend");
  const ofNodes = findOptions(options, { flag: "numa" }).flatMap(
    (option) => optionProperty(option, "memdev") ?? [],
  );
  const backends = ofMachine === undefined ? ofNodes : [ofMachine, ...ofNodes];
  for (const id of backends) checkShared(id, findOption(options, { flag: "object", id }));
  if (backends.length > 0) return [];
  if (hasOption(options, { flag: "mem-path" })) {
    throw qemuArgvError(
      "QEMU_VALUE_INVALID",
      "-mem-path: memory from a file is shared with virtiofsd only when it is an object.",
      "Write -object memory-backend-file,id=mem,mem-path=PATH,size=SIZE,share=on -machine memory-backend=mem instead.",
    );
  }
  const requested = requestedMemory(options);
  const size = requested ?? defaultSize;
  return [
    ...(requested === undefined ? [memory(size)] : []),
    object("memory-backend-memfd", [
      ["id", ID],
      ["size", wholeSize(size)],
      ["share", "on"],
    ]),
    { flag: "machine", props: [["memory-backend", ID]] },
  ];
}

function checkShared(id: string, backend: QemuOption | undefined): void {
  if (backend === undefined) return; // QEMU has its own word for that.
  const share = optionProperty(backend, "share");
  const type = optionProperty(backend, "qom-type");
  // These two are shared unless told otherwise (backends/hostmem-memfd.c, hostmem-shm.c).
  const isShared = type === "memory-backend-memfd" || type === "memory-backend-shm";
  if (share === undefined ? isShared : isOn(share)) return;
  throw qemuArgvError(
    "QEMU_VALUE_INVALID",
    `-object ${id}: this memory is the guest's alone, and virtiofsd has to see it.`,
    "Add share=on to it.",
  );
}

/** The size of the last `-m` that has one, else of the last `-machine memory.size=`, in bytes there (system/vl.c, parse_memory_options). */
function requestedMemory(options: readonly QemuOption[]): string | undefined {
  const size = requestedProperty(options, "m", "size");
  if (size !== undefined) return size;
  const ofMachine = requestedProperty(options, "machine", "memory.size");
  return ofMachine !== undefined && /^\d+$/.test(ofMachine) ? `${ofMachine}B` : ofMachine;
}

/** For `size=` of an object, where a number alone means bytes. `-m` rounds up to 8 KiB (softmmu/vl.c). */
function wholeSize(size: string): string {
  const kib = Math.ceil((parseMemoryMiB(size) * 1024) / 8) * 8;
  return kib % 1024 === 0 ? `${kib / 1024}M` : `${kib}K`;
}
