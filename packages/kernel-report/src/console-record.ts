/** A message of the kernel as it stands on a console or in what `dmesg` and `journalctl` print of it. */
export interface ConsoleRecord {
  /** Who printed it, where the kernel tells (CONFIG_PRINTK_CALLER): `T71` for a task, `C0` for a CPU in an interrupt. */
  readonly caller: string | null;
  /** The message, with nothing in front of it; what indents it is left. */
  readonly text: string;
}

/**
 * The messages in a line of a console: what stands in front of the first time stamp, and what follows each. A program may leave a
 * line of its own unfinished, and the kernel then writes behind it: a time stamp begins a message wherever it stands.
 */
export function recordsOf(line: string): ConsoleRecord[] {
  const pieces = (line.includes("\u001b") ? line.replace(ESCAPES, "") : line).split(STAMP);
  const [first = ""] = pieces;
  const records: ConsoleRecord[] = [];
  const bare = withoutLogPrefix(first);
  if (pieces.length === 1) return [bareRecord(bare)];
  if (bare.trim() !== "" && !DMESG_LEVEL.test(bare)) records.push(bareRecord(bare));
  for (let index = 1; index < pieces.length; index += 2) {
    const caller = pieces[index];
    records.push({ caller: caller ?? null, text: withoutSubsystem(pieces[index + 1] ?? "") });
  }
  return records;
}

/** The caller alone is in front of a message where CONFIG_PRINTK_CALLER is set and no time is printed. */
function bareRecord(text: string): ConsoleRecord {
  const caller = CALLER.exec(text);
  return caller === null
    ? { caller: null, text: withoutSubsystem(text) }
    : { caller: caller[1] ?? null, text: withoutSubsystem(text.slice(caller[0].length)) };
}

function withoutSubsystem(text: string): string {
  return text.replace(SUBSYSTEM, "").trimEnd();
}

function withoutLogPrefix(text: string): string {
  return text.replace(LOG_PREFIX, "");
}

/** Source: kernel/printk/printk.c, `print_time` and `print_caller`. */
const STAMP = /\[ {0,4}\d{1,12}\.\d{6}\](?:\[ {0,9}([TC]\d{1,10})\])? ?/;
const CALLER = /^\[ {0,9}([TC]\d{1,10})\] /;

/**
 * What logs put in front of a message: a raw level (`<4>`), `dmesg --decode`, `dmesg -T` and its other formats of time, journalctl's
 * and syslog's host, /dev/kmsg's fields. Source: dmesg(1), Documentation/ABI/testing/dev-kmsg.
 */
const LOG_PREFIX =
  /^(?:<\d{1,3}>|\d{1,3},\d+,\d+,[c+-](?:,caller=[TC]\d+)?[^;]{0,80};|(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?) \S{1,64} kernel: |(?:\w+ {0,8}: ?\w+ {0,8}: )?\[(?:[A-Z][a-z]{2} ){2} ?\d+ \d\d:\d\d:\d\d \d{4}\] |\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)? )/;

/** `kern  :warn  : `, which stands in front of a time stamp. */
const DMESG_LEVEL = /^\w+ {0,8}: ?\w+ {0,8}: $/;

/** The subsystem's name that stands in front of the first line of a report. */
const SUBSYSTEM = /^(?:watchdog|kernel|NMI watchdog): (?=BUG|Watchdog)/;

// oxlint-disable-next-line no-control-regex -- Terminals' escape sequences are what it looks for.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;
