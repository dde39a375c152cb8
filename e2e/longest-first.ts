import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest begins first, so that the workers end together. Of what is not named here vitest sorts by size. */
const LONGEST = [
  "worlds",
  "arch-install-host",
  "modules-mounter",
  "arch-install-guest",
  "install",
  "exec-outcomes",
  "initramfs",
  "exec-disk",
  "run-kernel",
  "kconfig",
  "virtiofs",
];

function rank({ moduleId }: TestSpecification): number {
  const place = LONGEST.indexOf(basename(moduleId, ".test.ts"));
  return place === -1 ? LONGEST.length : place;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- vitest's own method of that name
    const bySize = await super.sort(files);
    return bySize.toSorted((a, b) => rank(a) - rank(b));
  }
}
