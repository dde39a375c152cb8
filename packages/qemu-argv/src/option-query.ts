import { parseCharacterDevice, type CharacterDevice } from "./character-device.js";
import { flagName, flagSyntax } from "./flag-syntax.js";
import { jsonNode, parseJson, renderJson, type JsonNode } from "./json-text.js";
import type { QemuOption, ValueOption } from "./option.js";
import { valuePlaces } from "./path-places.js";
import { readProperty } from "./property-reading.js";

/** Which options are meant: all conditions given must hold. Flags without dashes; `M` and `machine` are the same. */
export interface OptionSelector {
  readonly flag?: string;
  /** The property `id` (`node-name` of a -blockdev). */
  readonly id?: string;
}

/** Whether the selector means this option. The selector `{}` means every option. */
export function matchesOption(option: QemuOption, { flag, id }: OptionSelector): boolean {
  if (flag !== undefined && ("image" in option || flagName(option.flag) !== flagName(flag))) return false;
  return id === undefined || optionId(option) === id;
}

/** All options that the selector means, in order. */
export function findOptions(options: readonly QemuOption[], selector: OptionSelector): QemuOption[] {
  return options.filter((option) => matchesOption(option, selector));
}

/** The last option that the selector means: where a flag counts only once (`-append`, `-cpu`), QEMU takes the last. */
export function findOption(options: readonly QemuOption[], selector: OptionSelector): QemuOption | undefined {
  return options.findLast((option) => matchesOption(option, selector));
}

export function hasOption(options: readonly QemuOption[], selector: OptionSelector): boolean {
  return options.some((option) => matchesOption(option, selector));
}

/** The id of a device, drive, netdev, chardev, object or block node. */
export function optionId(option: QemuOption): string | undefined {
  const byNode = "flag" in option && option.flag === "blockdev";
  return optionProperty(option, byNode ? "node-name" : "id");
}

/**
 * What a property of an option is, as text, and as QEMU takes it: the last of its name (of `id` the first), the head when the key
 * is the implied one (`driver` of `-device e1000`). A key alone is `on`; `nowait` is `off` for `wait`. Other names that QEMU has
 * for a property find it too (`readonly` of a -drive, `kernel_irqchip` of -machine, `+pmu` of -cpu). In JSON, dots lead into
 * objects (`file.filename`), and values that are no text are written as JSON (`true`, `4`). Of a character device in short
 * (`-serial unix:s,server,nowait`) the properties are those of a -chardev.
 * Undefined when the option has no such property.
 */
export function optionProperty(option: QemuOption, key: string): string | undefined {
  if ("props" in option) return readProperty(option, key).at(-1)?.value;
  const device = optionCharacterDevice(option);
  if (device !== undefined) return readProperty(device.properties, key).at(-1)?.value;
  const json = optionJson(option);
  const node = json === undefined ? undefined : findMember(json, key)?.node;
  if (node === undefined) return undefined;
  return typeof node === "string" ? node : renderJson(node);
}

/** The JSON object of an option, also where `parseArgv` kept it as text because it is written otherwise than JSON.stringify does. */
export function optionJson(option: QemuOption): Map<string, JsonNode> | undefined {
  const node =
    "json" in option ? jsonNode(option.json) : "value" in option ? parseOptionJson(option) : undefined;
  return node instanceof Map ? node : undefined;
}

/** The character device that a -serial, -qmp or the like describes in short. */
export function optionCharacterDevice(option: QemuOption): CharacterDevice | undefined {
  if (!("value" in option) || valuePlaces[option.flag] !== "character-device") return undefined;
  return parseCharacterDevice(option.value);
}

function parseOptionJson({ flag, value }: ValueOption): JsonNode | undefined {
  if (!value.startsWith("{")) return undefined;
  const syntax = flagSyntax(flag);
  return syntax?.kind === "properties" && syntax.json ? parseJson(value) : undefined;
}

/** A member of an object, by its key, or by keys with dots between them that lead to it; arrays are entered by index. */
export function findMember(
  object: Map<string, JsonNode>,
  key: string,
):
  | { readonly parent: Map<string, JsonNode> | JsonNode[]; readonly key: string; readonly node: JsonNode }
  | undefined {
  const own = object.get(key);
  if (own !== undefined) return { parent: object, key, node: own };
  const parts = key.split(".");
  let found: ReturnType<typeof findMember>;
  let parent: JsonNode = object;
  for (const part of parts) {
    const node: JsonNode | undefined =
      parent instanceof Map ? parent.get(part) : Array.isArray(parent) ? parent[Number(part)] : undefined;
    if (node === undefined || !(parent instanceof Map || Array.isArray(parent))) return undefined;
    found = { parent, key: part, node };
    parent = node;
  }
  return found;
}
