import { flagSyntax, plainPropertySyntax } from "./flag-syntax.js";
import { jsonNode, renderJson } from "./json-text.js";
import type { QemuOption } from "./option.js";
import { renderPropertyList } from "./property-list.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/**
 * The arguments of a QEMU command line (without the program), ready for execve: no shell quoting.
 * Throws `QEMU_OPTION_UNWRITABLE` when QEMU would read the result as something other than the data says: an image that
 * begins with a dash, a value for `-S`, no value for `-kernel`, a comma in a key, NUL anywhere.
 */
export function renderArgv(options: readonly QemuOption[]): string[] {
  return options.flatMap(renderOption);
}

/** One option: the flag and its argument, or the image alone. */
export function renderOption(option: QemuOption): string[] {
  const words = "image" in option ? [renderImage(option.image)] : renderFlag(option);
  if (words.some((word) => word.includes("\0"))) {
    throw unwritable(`${JSON.stringify(words.join(" "))} holds a NUL, which no argument can.`);
  }
  return words;
}

function renderImage(image: string): string {
  if (!image.startsWith("-")) return image;
  throw unwritable(
    `The disk image "${image}" begins with a dash, so QEMU would take it for a flag.`,
    `Write ./${image} instead.`,
  );
}

function renderFlag(option: Exclude<QemuOption, { image: string }>): string[] {
  const { flag, dashes = "-" } = option;
  if (dashes === "-" && flag.startsWith("-")) {
    throw unwritable(`The flag "${flag}" begins with a dash.`, `Name flags without dashes.`);
  }
  const word = dashes + flag;
  const argument = renderArgument(option);
  const known = flagSyntax(flag);
  if (known !== undefined && (known.kind === "switch") !== (argument === undefined)) {
    throw unwritable(
      argument === undefined ? `${word} needs an argument.` : `${word} takes no argument ("${argument}").`,
    );
  }
  return argument === undefined ? [word] : [word, argument];
}

function renderArgument(option: Exclude<QemuOption, { image: string }>): string | undefined {
  if ("json" in option) {
    const node = jsonNode(option.json);
    if (node === undefined) throw unwritable(`-${option.flag}: its data is nothing that JSON can hold.`);
    return renderJson(node);
  }
  if ("value" in option) return option.value;
  if (!("props" in option)) return undefined;
  const syntax = flagSyntax(option.flag);
  return renderPropertyList(
    option.flag,
    option,
    syntax?.kind === "properties" ? syntax : plainPropertySyntax,
  );
}

function unwritable(message: string, hint?: string): Error {
  return qemuArgvError("QEMU_OPTION_UNWRITABLE", message, hint);
}
