import { StringDecoder } from "node:string_decoder";

/** Takes bytes and hands on whole lines, without their ends; `end` hands on a last one that has no end. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  end(): void;
}

/** Lines of more characters than this are cut: nobody writes them for a person. */
const MAX_LINE = 65_536;

export function lineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = (lines.pop() ?? "").slice(-MAX_LINE);
      for (const line of lines) onLine(line.replace(/\r+$/, ""));
    },
    end() {
      rest += decoder.end();
      if (rest !== "") onLine(rest.replace(/\r+$/, ""));
      rest = "";
    },
  };
}

/** The last lines of something. */
export function lineTail(count: number): {
  readonly push: (line: string) => void;
  readonly lines: () => readonly string[];
} {
  const kept: string[] = [];
  return {
    push(line) {
      kept.push(line);
      if (kept.length > count) kept.shift();
    },
    lines: () => [...kept],
  };
}
