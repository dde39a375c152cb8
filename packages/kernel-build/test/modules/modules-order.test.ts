import { array, assert, pre, property, stringMatching, uniqueArray } from "fast-check";
import { describe, expect, test } from "vitest";
import { parseModulesOrder, renderInstalledOrder } from "../../src/modules/modules-order.js";

const nothing = (): boolean => false;
const isLocktorture = (path: string): boolean => path === "kernel/locking/locktorture.ko";

describe("modules.order", () => {
  test("lists .o files without kernel/ since Linux 6.2", () => {
    expect(parseModulesOrder("fs/nls/nls_ascii.o\ndrivers/net/dummy.o\n", nothing)).toEqual([
      "fs/nls/nls_ascii.ko",
      "drivers/net/dummy.ko",
    ]);
  });

  test("lists .ko files without kernel/ from Linux 5.4 to 6.1", () => {
    expect(parseModulesOrder("fs/nls/nls_ascii.ko\ndrivers/net/dummy.ko\n", nothing)).toEqual([
      "fs/nls/nls_ascii.ko",
      "drivers/net/dummy.ko",
    ]);
  });

  test("lists .ko files with kernel/ before that, the directory kernel/ itself twice", () => {
    expect(parseModulesOrder("kernel/kernel/locking/locktorture.ko\nkernel/fs/x.ko\n", nothing)).toEqual([
      "kernel/locking/locktorture.ko",
      "fs/x.ko",
    ]);
  });

  test("may list nothing but modules of the directory kernel/, which is no prefix then", () => {
    expect(parseModulesOrder("kernel/locking/locktorture.ko\n", isLocktorture)).toEqual([
      "kernel/locking/locktorture.ko",
    ]);
    expect(parseModulesOrder("kernel/locking/locktorture.o\n", nothing)).toEqual([
      "kernel/locking/locktorture.ko",
    ]);
  });

  test("of a kernel without =m is empty", () => {
    expect(parseModulesOrder("", nothing)).toEqual([]);
    expect(parseModulesOrder("\n", nothing)).toEqual([]);
  });

  const name = stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}$/);
  const module = array(name, { minLength: 2, maxLength: 5 }).map((parts) => `${parts.join("/")}.ko`);
  const modules = uniqueArray(module, { minLength: 1, maxLength: 30 });

  test("in any of its forms gives the same modules, in the same order", () => {
    assert(
      property(modules, (paths) => {
        const exists = (path: string): boolean => paths.includes(path);
        const forms = [
          paths.map((path) => `kernel/${path}\n`).join(""),
          paths.map((path) => `${path}\n`).join(""),
          paths.map((path) => `${path.replace(/\.ko$/, ".o")}\n`).join(""),
        ];
        // A list whose every path begins with kernel/ twice over is told apart by what exists, so it must be clear.
        pre(!paths.some((path) => paths.includes(`kernel/${path}`)));
        for (const form of forms) expect(parseModulesOrder(form, exists)).toEqual(paths);
      }),
      { numRuns: 1000 },
    );
  });

  test("as installed is read back to the same modules", () => {
    assert(
      property(modules, (paths) => {
        pre(!paths.some((path) => paths.includes(`kernel/${path}`)));
        const text = renderInstalledOrder(paths);
        expect(
          text
            .split("\n")
            .slice(0, -1)
            .every((line) => /^kernel\/.*\.ko$/.test(line)),
        ).toBe(true);
        expect(parseModulesOrder(text, (path) => paths.includes(path))).toEqual(paths);
      }),
      { numRuns: 1000 },
    );
  });
});
