/** Terminals' escape sequences, and what a terminal does not show. */
// oxlint-disable-next-line no-control-regex -- They are what it looks for.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])|\u0000/g;

/** `debian login: ` of agetty and busybox's getty, also with who is logged in by itself behind it. pam_lastlog's `Last login: ` is none. */
const PROMPT = /^(?!last )\S+ login: ?(?:\S+ \(automatic login\))?$/i;

/** The most of an unfinished line that is looked at. */
const MAX_LINE = 4096;

/** Watches a console for a login prompt: gets what it says, and returns true once the prompt was there. */
export function loginWatch(): (chunk: Uint8Array) => boolean {
  let line = "";
  let isUp = false;
  return (chunk) => {
    if (isUp) return true;
    line += Buffer.from(chunk).toString("latin1");
    const parts = line.split(/[\r\n]+/);
    line = (parts.at(-1) ?? "").slice(-MAX_LINE);
    isUp = parts.some((part) => PROMPT.test(part.replace(ESCAPES, "").trimStart()));
    return isUp;
  };
}
