// What a program that installs this package may write, and what it may not: compiled by ../published-types.test.ts against
// the declarations that npm publishes. A line below @ts-expect-error that compiles is an error too.
import {
  append,
  blockdev,
  drive,
  findOption,
  findUnknownFlags,
  mapOptions,
  optionProperty,
  parseArgv,
  parseKernelCmdline,
  renderArgv,
  requestedAccelerators,
  setProperty,
  virtfsShare,
  type Property,
  type PropertyOption,
  type QemuArgvError,
  type QemuOption,
  type UnknownFlag,
  type ValueOption,
} from "@vm/qemu-argv";
import { expectTypeOf } from "vitest";

// Options go in as they come out, and lists that nobody may change are taken.
const options: readonly QemuOption[] = parseArgv(["-m", "2G"]);
expectTypeOf(parseArgv).returns.toEqualTypeOf<QemuOption[]>();
expectTypeOf(renderArgv(options)).toEqualTypeOf<string[]>();
expectTypeOf(requestedAccelerators(options)).toEqualTypeOf<string[]>();
expectTypeOf(findUnknownFlags(options)).toExtend<readonly UnknownFlag[]>();
expectTypeOf(parseKernelCmdline("quiet")).toEqualTypeOf<readonly string[]>();

// What may not be there says so.
expectTypeOf(findOption(options, { flag: "m" })).toEqualTypeOf<QemuOption | undefined>();
expectTypeOf(optionProperty).returns.toEqualTypeOf<string | undefined>();

// Data: plain literals are options, and a kind is found by its key.
const literals = [
  { flag: "S" },
  { flag: "kernel", value: "/a,b/bzImage" },
  {
    flag: "device",
    head: "e1000",
    props: [
      ["id", "n"],
      ["multifunction", null],
    ],
  },
  { flag: "device", json: { driver: "e1000", queues: [1, 2n, null] } },
  { image: "disk.img" },
  { flag: "S", dashes: "--" },
] as const satisfies readonly QemuOption[];
renderArgv(literals);
for (const option of options) {
  if ("image" in option) expectTypeOf(option.image).toEqualTypeOf<string>();
  else expectTypeOf(option.flag).toEqualTypeOf<string>();
  if ("props" in option) expectTypeOf(option.props).toEqualTypeOf<readonly Property[]>();
  if ("value" in option) expectTypeOf(option).toExtend<ValueOption>();
}

// Constructors give the narrowest kind.
expectTypeOf(drive({ file: "a.img", format: "raw", interface: "virtio" })).toEqualTypeOf<PropertyOption>();
expectTypeOf(append("quiet")).toEqualTypeOf<ValueOption>();
expectTypeOf(mapOptions(options, {}, (option) => setProperty(option, "id", 1))).toEqualTypeOf<QemuOption[]>();

// Words that QEMU gets are checked where there are few of them, and free where there may be more.
drive({ file: "a.img", format: "vmdk", interface: "sd" });
virtfsShare({ id: "a", path: "/", mountTag: "a", access: "read-only", multidevs: "remap" });
// @ts-expect-error access has two words
virtfsShare({ id: "a", path: "/", mountTag: "a", access: "ro" });
// @ts-expect-error access is not optional: nobody shares for writing by leaving a word out
virtfsShare({ id: "a", path: "/", mountTag: "a" });
// @ts-expect-error a block node has a driver
blockdev({ "node-name": "a" });
// @ts-expect-error the second dash has one spelling
renderArgv([{ flag: "S", dashes: "-" }]);
// @ts-expect-error a property is a pair
renderArgv([{ flag: "m", props: ["2G"] }]);
// @ts-expect-error properties are data of others: they are read, not changed
options[0] = { flag: "S" };

// Errors are told apart by their code.
export function explain(error: QemuArgvError): string {
  expectTypeOf(error.hint).toEqualTypeOf<string | undefined>();
  // @ts-expect-error there is no such code
  if (error.code === "QEMU_ARGUMENT_MISING") return "";
  return error.code === "QEMU_ARGUMENT_MISSING" ? `${error.message} ${error.hint ?? ""}` : error.message;
}
