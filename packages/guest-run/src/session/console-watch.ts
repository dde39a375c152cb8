import { COMPLAINT_WORDS, complaintKind, type ComplaintKind } from "@vm/kernel-report";
import type { KernelComplaint } from "./outcome.js";
import type { RootPlace } from "../protocol/plan.js";
import { STRANDED_WORDS, strandedBoot } from "./stranded-boot.js";

/** What a line of the console means beyond being a line. */
export type ConsoleFinding =
  | { readonly kind: "complaint"; readonly complaint: KernelComplaint }
  /** The kernel cannot go on to init: why, and the option that is missing where the console tells. */
  | { readonly kind: "no-init"; readonly reason: string; readonly missing: string | null }
  /** The boot has given up, and waits for a person. */
  | { readonly kind: "stranded"; readonly reason: string };

/** Looks at the console line by line. A pure state machine: what it finds is what it returns. */
export interface ConsoleWatch {
  line(text: string): readonly ConsoleFinding[];
  /** Whether nothing would be found in these lines, nor remembered of them: they need not be looked at. */
  passes(lines: Text): boolean;
}

/** A complaint of these is followed by more first lines of the same event. */
const BLOCK: ReadonlySet<ComplaintKind> = new Set(["lockdep", "kasan", "kcsan", "oops"]);

/** Lines after which a report is over for certain; most end with `---[ end trace` or a line of `====` before. */
const BLOCK_LENGTH = 60;

/** A string, or the bytes of one: all words that are looked for are of ASCII. */
interface Text {
  includes(word: string): boolean;
}

export function consoleWatch({ root }: { readonly root: RootPlace }): ConsoleWatch {
  let block: ComplaintKind | null = null;
  let blockLines = 0;
  let missing: string | null = null;
  const boot = strandedBoot();
  function message(line: string): ConsoleFinding[] {
    if (line === "") return [];
    missing = missingOption(line, root) ?? missing;
    if (block !== null && (++blockLines > BLOCK_LENGTH || line.startsWith("---[ end trace"))) block = null;
    const findings: ConsoleFinding[] = [];
    const kind = complaintKind(line);
    if (kind !== null && kind !== block) {
      findings.push({ kind: "complaint", complaint: { kind, line } });
      if (BLOCK.has(kind)) {
        block = kind;
        blockLines = 0;
      }
    }
    const stranded = boot.line(line);
    if (stranded !== null) findings.push({ kind: "stranded", reason: stranded });
    if (NO_INIT.test(line)) findings.push({ kind: "no-init", reason: line, missing });
    return findings;
  }
  const passes = (lines: Text): boolean => block === null && !WORDS.some((word) => lines.includes(word));
  return { line: (text) => (passes(text) ? [] : messagesOf(text).flatMap(message)), passes };
}

/**
 * The kernel gives up on the way to init, or what stands in for it does. Sources: init/do_mounts.c, init/main.c; this
 * package's bootstrap; packages/initramfs.
 */
const NO_INIT =
  /VFS: Unable to mount root fs|Requested init .* failed|No working init found|^vm: (?:initramfs: |found no virtio-serial port)/;

/** Lines that tell which option the kernel lacks, before it gives up. Sources: net/9p, init/do_mounts.c. */
const MISSING: readonly (readonly [pattern: RegExp, option: string, root?: RootPlace])[] = [
  [/^9p(?:net)?: Could not find request transport: virtio/, "CONFIG_NET_9P_VIRTIO"],
  [/^9pnet_virtio: no channels available for device \/dev\/root/, "CONFIG_VIRTIO_PCI", "9p"],
  [/^VFS: Cannot open root device .*error -19/, "CONFIG_9P_FS", "9p"],
  [/^virtio-fs: tag <vm-root> not found/, "CONFIG_VIRTIO_PCI", "virtiofs"],
  [/^VFS: Cannot open root device "vm-root"/, "CONFIG_VIRTIO_FS", "virtiofs"],
  [/^VFS: Cannot open root device .*unknown-block\(0,0\)/, "CONFIG_VIRTIO_BLK", "disk"],
  [/Requested init .* failed \(error -8\)/, "CONFIG_BINFMT_ELF"],
  [/^vm: found no virtio-serial port/, "CONFIG_VIRTIO_CONSOLE"],
];

/** Words of which one is in every line that matters. An escape sequence may stand in the midst of one. */
const WORDS: readonly string[] = [
  "\u001b",
  ...COMPLAINT_WORDS,
  ..."VFS: |Requested init|No working init|vm: |request transport|no channels available|virtio-fs: ".split(
    "|",
  ),
  ...STRANDED_WORDS,
];

function missingOption(line: string, root: RootPlace): string | null {
  const named = /\((CONFIG_\w+)/.exec(line);
  if (line.startsWith("vm: ") && named?.[1] !== undefined) return named[1];
  const found = MISSING.find(
    ([pattern, , only]) => (only === undefined || only === root) && pattern.test(line),
  );
  return found?.[1] ?? null;
}

/**
 * The messages in a line of the console: what stands in front of the first time stamp, and what follows each. A program may leave a
 * line of its own unfinished, however long, and an escape sequence in it, and the kernel then writes behind it: a time stamp begins
 * a message wherever it stands. `printk.time=1` (watchedConsole) gives one to each.
 */
export function messagesOf(text: string): string[] {
  return text.split(STAMP).map(bareMessage);
}

/** Source: kernel/printk/printk.c, `print_time` and `print_caller`. */
const STAMP = /\[ {0,4}\d{1,12}\.\d{6}\](?:\[ {0,9}[TC]\d{1,10}\])? ?/;

/** Takes off what a raw log level, a terminal and the kernel's own subsystem put in front of a message, and a longer tail than its line has. */
function bareMessage(text: string): string {
  return text
    .slice(0, MESSAGE_LENGTH)
    .replace(ESCAPES, "")
    .replace(/^<\d+>/, "")
    .replace(/^(?:watchdog|kernel|NMI watchdog): (?=BUG|Watchdog)/, "")
    .trimEnd();
}

/** The kernel's own have at most 1,024 bytes (LOG_LINE_MAX). */
const MESSAGE_LENGTH = 4096;

// oxlint-disable-next-line no-control-regex -- Terminals' escape sequences are what it looks for.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;
