/** What a console says around its complaints: kept for whoever looks at a failure, however long ago it was said. */
export interface ComplaintLines {
  /** @param before tells the lines before this one, of which the last few may announce it */
  line(text: string, isComplaint: boolean, before: () => readonly string[]): void;
  /** Whether a line that is no complaint is of no use to it. */
  isIdle(): boolean;
  /** Oldest first. */
  kept(): readonly string[];
}

/** A report is announced by up to eight lines (`[ cut here ]`). */
const BEFORE = 10;
/** How many lines are kept from a complaint on: a report with its registers and trace has about 60, one of a lock chain several hundred. */
const AFTER = 400;
/** Of more the beginning is kept: the first complaint tells most. The end of a console is kept anyway. */
const MAX_LENGTH = 1 << 20;

export function complaintLines(): ComplaintLines {
  const lines: string[] = [];
  let left = 0;
  let length = 0;
  const keep = (text: string): void => {
    if (length > MAX_LENGTH) return;
    length += text.length + 1;
    lines.push(text);
  };
  return {
    line(text, isComplaint, before) {
      if (isComplaint) {
        if (left === 0) for (const each of before().slice(-BEFORE)) keep(each);
        left = AFTER;
      }
      if (left === 0) return;
      left -= 1;
      keep(text);
    },
    isIdle: () => left === 0 || length > MAX_LENGTH,
    kept: () => lines,
  };
}
