import { INSTALL_OPTIONS, type InstallArguments, type InstallOption } from "@vm/arch-installer";
import * as v from "valibot";
import type { InstallRequest } from "../install-request.js";
import {
  accelerator,
  count,
  kernelName,
  memory,
  milliseconds,
  object,
  path,
  text,
  vmName,
  word,
} from "./values.js";

export const install: v.GenericSchema<InstallRequest> = object({
  operation: v.literal("install"),
  vm: vmName,
  cpus: v.exactOptional(count),
  memory: v.exactOptional(memory),
  diskSize: v.exactOptional(word),
  accelerator: v.exactOptional(accelerator),
  qemu: v.exactOptional(word),
  from: v.exactOptional(
    v.variant("kind", [
      v.pipe(
        object({
          kind: v.literal("iso"),
          file: v.exactOptional(path),
          keyring: v.exactOptional(path),
        }),
        v.forward(
          v.check(
            ({ file, keyring }) => file === undefined || keyring === undefined,
            "nothing: it is for an image that is downloaded",
          ),
          ["keyring"],
        ),
      ),
      object({
        kind: v.literal("host"),
        kernel: kernelName,
        pacmanConfiguration: v.exactOptional(path),
      }),
    ]),
  ),
  mirror: v.exactOptional(word),
  installation: v.exactOptional(installationSchema()),
  timeoutMs: v.exactOptional(milliseconds),
  silenceMs: v.exactOptional(milliseconds),
  afterFailure: v.exactOptional(v.pipe(v.array(v.picklist(["keep", "shell"])), v.readonly())),
  log: v.exactOptional(path),
});

/** As the table of its options has it. */
function installationSchema(): v.GenericSchema<InstallArguments> {
  const entries = INSTALL_OPTIONS.map((option) => [option.key, v.exactOptional(installValue(option))]);
  return object({ ...Object.fromEntries(entries), config: v.exactOptional(path) });
}

function installValue({ type, choices, pattern, expected, description }: InstallOption): v.GenericSchema {
  const one =
    choices !== undefined
      ? v.picklist(choices)
      : pattern === undefined
        ? text
        : v.pipe(v.string(), v.regex(new RegExp(`^(?:${pattern})$`), expected ?? pattern));
  switch (type) {
    case "string":
      return v.pipe(one, v.description(description));
    case "strings":
      return v.pipe(v.array(one), v.description(description));
    case "boolean":
      return v.pipe(v.boolean(), v.description(description));
    case "string or true":
      return v.pipe(v.union([one, v.literal(true)], "a text, or true"), v.description(description));
    default:
      return type satisfies never;
  }
}
