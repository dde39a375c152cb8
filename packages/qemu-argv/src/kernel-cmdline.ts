import { nextKernelArg } from "./next-kernel-arg.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/**
 * A kernel command line as the kernel sees it: one string a parameter, `quiet` or `root=/dev/vda1`, with no quotes
 * around anything: `dyndbg=module e1000 +p`. `--` alone separates the arguments of init.
 */
export type KernelCmdline = readonly string[];

/**
 * Takes a kernel command line apart as the kernel does (lib/cmdline.c, next_arg): double quotes hold white space together
 * and nothing escapes them. Throws `KERNEL_CMDLINE_INVALID` for a quote never closed (the kernel would swallow the rest),
 * a character that the kernel would cut in two, and whatever `renderKernelCmdline` refuses: what was parsed can always be
 * written again.
 */
export function parseKernelCmdline(text: string): KernelCmdline {
  const parameters: string[] = [];
  let rest = text;
  for (;;) {
    const arg = nextKernelArg(rest);
    if (arg === undefined) return parameters;
    const typed = rest.slice(0, rest.length - arg.rest.length).trim();
    if (arg.unclosedQuote) throw invalid(typed, "its double quote is never closed");
    if (arg.cutCharacter !== undefined) {
      throw invalid(
        typed,
        `the kernel takes a byte of "${arg.cutCharacter}" for a space`,
        `Put double quotes around the value.`,
      );
    }
    quoteParameter(arg.parameter, typed);
    parameters.push(arg.parameter);
    rest = arg.rest;
  }
}

/**
 * Parameters that others are put behind, as ours are behind a person's: the same, and throws `KERNEL_CMDLINE_INVALID` for a bare
 * `--` too, behind which everything is init's (init/main.c).
 */
export function parseKernelParameters(text: string): KernelCmdline {
  const parameters = parseKernelCmdline(text);
  if (parameters.includes("--")) {
    throw invalid("--", "all that follows it is for init, and no kernel parameter any more", "Leave it out.");
  }
  return parameters;
}

/**
 * The text for `-append`: parameters between single spaces, in double quotes where needed (`dyndbg="module e1000 +p"`).
 * The kernel takes the byte 0xA0 for a space, so `à` (C3 A0) is quoted too.
 *
 * Throws `KERNEL_CMDLINE_INVALID` for a parameter that the kernel would not read back as it is: one with a double quote
 * (but `a"b c"d` is to the kernel just what it looks like), a line break or NUL.
 */
export function renderKernelCmdline(parameters: KernelCmdline): string {
  return parameters.map((parameter) => quoteParameter(parameter)).join(" ");
}

/** `typed`: how the person wrote it, for the message. */
function quoteParameter(parameter: string, typed: string = parameter): string {
  if (plainParameter.test(parameter)) return parameter;
  refuseUnreadable(parameter);
  // The kernel's own rules decide which spelling is right, not a guess at what needs quoting.
  const spelling = spellings(parameter).find((text) => {
    const arg = nextKernelArg(text);
    return (
      arg?.parameter === parameter && arg.rest === "" && !arg.unclosedQuote && arg.cutCharacter === undefined
    );
  });
  if (spelling !== undefined) return spelling;
  throw invalid(
    typed,
    "the kernel's parser has no way to escape its double quote",
    `Leave the quotes out: a value is put in quotes where that is needed.`,
  );
}

/** Printable ASCII with no space and no double quote stands for itself. */
const plainParameter = /^[!#-~]+$/;

/** How a parameter may be written, the plainest first. */
function spellings(parameter: string): string[] {
  // Quotes around quotes would read well to the kernel now and then, and to nobody else who reads /proc/cmdline.
  if (parameter.includes('"')) return [parameter];
  const value = parameter.indexOf("=", 1) + 1;
  const quotedValue = value === 0 ? [] : [`${parameter.slice(0, value)}"${parameter.slice(value)}"`];
  return [parameter, ...quotedValue, `"${parameter}"`];
}

function refuseUnreadable(parameter: string): void {
  if (parameter.includes("\0")) throw invalid(parameter, "it holds a NUL, which ends the command line");
  if (/[\n\r]/.test(parameter)) throw invalid(parameter, "it holds a line break");
}

function invalid(parameter: string, reason: string, hint?: string): Error {
  return qemuArgvError("KERNEL_CMDLINE_INVALID", `Kernel parameter ${inQuotes(parameter)}: ${reason}.`, hint);
}

/** Its own double quotes as they stand, with no backslash that nobody typed. */
function inQuotes(parameter: string): string {
  return parameter.includes('"') && /^[^'\p{Cc}]*$/u.test(parameter)
    ? `'${parameter}'`
    : JSON.stringify(parameter);
}
