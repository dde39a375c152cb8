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
