import { describe, expect, test } from "vitest";
import { readKconfig } from "../src/index.js";
import { logicalLines } from "../src/kconfig-lines.js";
import { makeSource } from "./made-up-source.js";

describe("logicalLines", () => {
  test("leaves out help texts and comments, and joins lines that end in a backslash", () => {
    const text = [
      "config A",
      '\tbool "A"',
      "\tdepends on B && \\",
      "\t\tC",
      "\thelp",
      "\t  config NOT_ONE",
      "",
      "\t    depends on NOTHING",
      "# a comment",
      "config D",
      "    ---help---",
      "      select NOTHING",
      "if E",
    ].join("\n");
    expect(logicalLines(text).map(({ line, text: statement }) => `${line} ${statement}`)).toEqual([
      "1 config A",
      '2 bool "A"',
      "3 depends on B &&  \t\tC",
      "10 config D",
      "13 if E",
    ]);
  });
});

describe("readKconfig", () => {
  test("finds options through source, with all that encloses them", () => {
    const source = makeSource({
      Kconfig: [
        'source "arch/$(SRCARCH)/Kconfig"',
        'source "gone/Kconfig"',
        "menu Drivers",
        "depends on BUS",
        "visible if SHOWN",
        "if NET",
        'source "net/Kconfig"',
        "endif",
        "endmenu",
        "config LAST",
        '\tbool "Last" if EXPERT',
      ].join("\n"),
      "net/Kconfig": [
        "menuconfig WIFI",
        '\ttristate "Wifi"',
        "\tselect RADIO if HARDWARE",
        "\trange 1 5",
        "choice",
        '\tprompt "Which"',
        "\tdepends on WIFI",
        "config CHOICE_A",
        "\tbool 'A'",
        "config CHOICE_B",
        '\tbool "B"',
        "endchoice",
      ].join("\n"),
    });
    const tree = readKconfig(source, "x86");
    expect([...tree.definitions.keys()]).toEqual(["X86", "WIFI", "CHOICE_A", "CHOICE_B", "LAST"]);
    const wifi = tree.definitions.get("WIFI")?.[0];
    expect(wifi).toMatchObject({ file: "net/Kconfig", line: 1, type: "tristate", ranges: ["1 5"] });
    expect(wifi?.scopes.flatMap(({ depends }) => depends)).toEqual([
      { kind: "symbol", name: "BUS" },
      { kind: "symbol", name: "NET" },
    ]);
    expect(wifi?.scopes.flatMap(({ visible }) => visible)).toEqual([{ kind: "symbol", name: "SHOWN" }]);
    expect(tree.definitions.get("CHOICE_B")?.[0]?.choice).toMatchObject({
      prompt: "Which",
      members: ["CHOICE_A", "CHOICE_B"],
    });
    expect(tree.selectedBy.get("RADIO")?.map(({ by }) => by.name)).toEqual(["WIFI"]);
    expect(tree.definitions.get("LAST")?.[0]?.scopes).toEqual([]);
    expect(tree.definitions.get("LAST")?.[0]?.prompts).toEqual([
      { text: "Last", condition: { kind: "symbol", name: "EXPERT" } },
    ]);
  });

  test("says when there is no source", () => {
    expect(() => readKconfig("/nowhere", "x86")).toThrow(
      expect.objectContaining({ code: "KCONFIG_NOT_FOUND" }),
    );
  });
});
