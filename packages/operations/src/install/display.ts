import { plainLine } from "@vm/command-plan";
import type { IsoEvent } from "@vm/arch-live";
import type { Progress } from "@vm/arch-installer";
import { cutText, progressBar } from "@vm/terminal";

/** Shows how far it is, on standard error. */
export interface InstallDisplay {
  image(event: IsoEvent): void;
  section(progress: Progress): void;
  notice(text: string): void;
  /** Takes what is drawn away, for somebody else to write. */
  pause(): void;
  end(): void;
}

/** Of what was decided or warned of, the notices alone. */
export function noticeDisplay(notice: (text: string) => void): InstallDisplay {
  return {
    image: (event) => {
      if (event.kind === "notice") notice(event.text);
    },
    section: () => {},
    notice,
    pause: () => {},
    end: () => {},
  };
}

interface Output {
  readonly write: (text: string) => void;
  readonly notice: (text: string) => void;
}

/** A line for each step, and for each tenth of a download: for a log. */
export function lineDisplay({ notice }: Output): InstallDisplay {
  let tenth = -1;
  return {
    image(event) {
      if (event.kind === "notice") return notice(event.text);
      if (event.kind === "checking") return notice(`checking ${event.fileName}`);
      const { fileName, received, total } = event;
      const now =
        total === undefined ? Math.floor(received / UNKNOWN_STEP) : Math.floor((received / total) * 10);
      if (now === tenth) return;
      tenth = now;
      notice(`downloading ${fileName}: ${amount(received, total)}`);
    },
    section(progress) {
      if (progress.kind === "section") notice(`[${progress.number}/${progress.count}] ${progress.title}`);
    },
    notice,
    pause: () => {},
    end: () => {},
  };
}

const UNKNOWN_STEP = 100_000_000;
const TICK_MS = 1000;
/** A download tells of every few kilobytes. */
const REDRAW_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

/** One line that is drawn in place: a bar, what happens, and for how long. */
export function terminalDisplay({ write, notice }: Output, columns: () => number): InstallDisplay {
  let line: (() => string) | undefined;
  let drawnAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let since = performance.now();
  const erase = (): void => {
    if (line !== undefined) write(CLEAR_LINE);
  };
  const draw = (): void => {
    if (line === undefined) return;
    drawnAt = performance.now();
    write(`${CLEAR_LINE}${cutText(plainLine(line()), Math.max(20, columns() - 1))}`);
  };
  const pause = (): void => {
    erase();
    line = undefined;
    clearInterval(timer);
    timer = undefined;
  };
  const show = (text: () => string, { restart }: { readonly restart: boolean }): void => {
    if (restart) since = performance.now();
    const isNew = restart || line === undefined;
    line = text;
    timer ??= setInterval(draw, TICK_MS).unref();
    if (isNew || performance.now() - drawnAt > REDRAW_MS) draw();
  };
  const elapsed = (): string => clock(performance.now() - since);
  const say = (text: string): void => {
    erase();
    notice(text);
    draw();
  };
  let downloading = false;
  return {
    image(event) {
      if (event.kind === "notice") return say(event.text);
      if (event.kind === "checking") {
        downloading = false;
        return show(() => `checking ${event.fileName} ${elapsed()}`, { restart: true });
      }
      const { fileName, received, total } = event;
      const restart = !downloading;
      downloading = true;
      const bar = progressBar(total === undefined ? { done: 0, total: 1 } : { done: received, total });
      show(() => `${bar} ${amount(received, total)} ${fileName} ${elapsed()}`, { restart });
    },
    section(progress) {
      if (progress.kind !== "section") return;
      const { number, count, title } = progress;
      const bar = progressBar({ done: number - 1, total: count });
      show(() => `${bar} [${number}/${count}] ${title} ${elapsed()}`, {
        restart: true,
      });
    },
    notice: say,
    pause,
    end: pause,
  };
}

function amount(received: number, total: number | undefined): string {
  const of = total === undefined ? "" : ` of ${megabytes(total)}`;
  return `${megabytes(received)}${of} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
