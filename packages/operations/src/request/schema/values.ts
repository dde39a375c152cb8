import type { AcceleratorRequest } from "@vm/guest-run";
import { checkCpus, checkDiskSize, checkMemory, checkVmName } from "@vm/vm-store";
import * as v from "valibot";

/** The most that a timer of Node takes, in milliseconds. */
const maxTimerMs = 0x7fff_ffff;

/** No argument, path or command of a POSIX system holds a NUL. */
export const text: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.check((value) => !value.includes("\0"), "a text without NUL"),
);
export const word: v.GenericSchema<string> = v.pipe(text, v.minLength(1, "a text that is not empty"));
export const path: v.GenericSchema<string> = v.pipe(
  word,
  v.description("A path; a relative one is relative to the directory of the host's."),
);
export const texts: v.GenericSchema<readonly string[]> = v.pipe(v.array(text), v.readonly());
export const words: v.GenericSchema<readonly string[]> = v.pipe(v.array(word), v.readonly());
export const count: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.integer("a whole number"),
  v.minValue(1, "a number from 1 on"),
  v.maxValue(999_999, "a number of at most six digits"),
);
export const milliseconds: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.minValue(1, "a time of at least 1 ms"),
  v.maxValue(maxTimerMs, `a time of at most ${maxTimerMs} ms`),
  v.description("Milliseconds."),
);
export const memory: v.GenericSchema<string> = v.pipe(
  text,
  v.check(passes(checkMemory), "an amount of memory as QEMU writes it, such as 2G"),
  v.description("As QEMU writes it: 512M, 2G; MiB without a suffix."),
);
export const cpusText: v.GenericSchema<string> = v.pipe(
  text,
  v.check(passes(checkCpus), "a number of CPUs, such as 4"),
);
export const diskSize: v.GenericSchema<string> = v.pipe(
  text,
  v.check(passes(checkDiskSize), "a size as qemu-img writes it, such as 16G"),
  v.description("As qemu-img writes it: 16G."),
);
export const diskBus: v.GenericSchema<"nvme" | "virtio"> = v.picklist(["nvme", "virtio"]);
export const port: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.integer("a whole number"),
  v.minValue(1, "a port from 1 on"),
  v.maxValue(65_535, "a port up to 65535"),
);
export const vmName: v.GenericSchema<string> = v.pipe(
  text,
  v.check(passes(checkVmName), "a name for a virtual machine, such as TestVM"),
  v.description("The name of a virtual machine."),
);
export const kernelName: v.GenericSchema<string> = v.pipe(
  word,
  v.description(
    "All that `-k` takes: a build tree, an image, a package, an installed release, git:REVISION.",
  ),
);
export const accelerator: v.GenericSchema<AcceleratorRequest> = v.picklist(["auto", "kvm", "tcg"]);

/** An object with these fields and no others; the message for another one lists them. */
export function object<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, (issue: v.StrictObjectIssue) => string> {
  return noList(
    v.strictObject(entries, (issue) =>
      issue.expected === "never" ? Object.keys(entries).join(", ") : `Expected ${issue.expected}`,
    ),
  );
}

/** An object whose fields are anybody's. */
export const anyObject: v.GenericSchema<Readonly<Record<string, unknown>>> = noList(
  v.record(v.string(), v.unknown()),
);

/** For valibot a list is an object, and one without fields where all of them may be absent. */
export function noList<Schema extends v.GenericSchema>(schema: Schema): Schema {
  return {
    ...schema,
    "~run"(dataset, config) {
      if (!Array.isArray(dataset.value)) return schema["~run"].call(this, dataset, config);
      const refused = schema["~run"].call(this, { value: undefined }, config);
      return Object.assign(refused, {
        value: dataset.value,
        issues: refused.issues?.map((issue) => ({ ...issue, input: dataset.value, received: "Array" })),
      });
    },
  };
}

/** Whether a check of ours lets a text pass. */
export function passes(check: (text: string) => unknown): (text: string) => boolean {
  return (value) => {
    try {
      check(value);
      return true;
    } catch {
      return false;
    }
  };
}

/** The fields of an object schema that makes these fields of a request. */
export type EntriesOf<Fields> = {
  readonly [Field in keyof Fields]-?: object extends Pick<Fields, Field>
    ? v.ExactOptionalSchema<v.GenericSchema<Required<Fields>[Field]>, undefined>
    : v.GenericSchema<Fields[Field]>;
};
