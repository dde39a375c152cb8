import { describe, expect, test } from "vitest";
import { explainLost, parseConfig, readKconfig } from "../src/index.js";
import { makeSource } from "./made-up-source.js";

const kconfig = `
config MODULES
	bool "Modules"

config BUS
	tristate "Bus"

config ROOT
	bool "Root"

config MIDDLE
	bool "Middle"
	depends on ROOT

config LEAF
	tristate "Leaf"
	depends on MIDDLE

config DRIVER
	tristate "Driver"
	depends on BUS

config EITHER
	bool "Either"
	depends on ROOT || MIDDLE

config HIDDEN
	bool "Hidden" if EXPERT
	default y

config EXPERT
	bool "Expert"

config HELPER
	tristate

config USER
	bool "User"
	select HELPER if BUS

menu "Shown or not"
	visible if EXPERT
config IN_MENU
	bool "In the menu"
endmenu

if ROOT
config IN_IF
	bool "In the if"
endif

choice
	prompt "Kind"
config KIND_A
	bool "A"
config KIND_B
	bool "B"
endchoice

config SIZE
	int "Size"
	range 1 9

config SANITIZER
	bool "Sanitizer"
	depends on $(cc-option,-fsanitize=x)

config FREE
	bool "Free"
`;

function why(lost: string, configuration: string) {
  const tree = readKconfig(makeSource({ Kconfig: kconfig }), "x86");
  const [, option = "", value = "", found = ""] = /^(\w+)=(\S+) (\S+)$/.exec(lost) ?? [];
  const config = parseConfig(
    `CONFIG_MODULES=y\n${configuration
      .split(" ")
      .map((line) => `CONFIG_${line}\n`)
      .join("")}`,
  );
  return explainLost({ option: `CONFIG_${option}`, value, found }, tree, config);
}

describe("explainLost", () => {
  test.each([
    ["NOPE=y n", "", "this kernel has no such option for this architecture", []],
    ["DRIVER=y n", "", "it depends on CONFIG_BUS (is n)", ["CONFIG_BUS"]],
    ["DRIVER=y m", "BUS=m", "it depends on CONFIG_BUS (is m)", ["CONFIG_BUS"]],
    [
      "EITHER=y n",
      "",
      "it depends on CONFIG_ROOT (is n) or CONFIG_MIDDLE (is n)",
      ["CONFIG_ROOT", "CONFIG_MIDDLE"],
    ],
    [
      "LEAF=y n",
      "",
      "it depends on CONFIG_MIDDLE (is n), which depends on CONFIG_ROOT (is n)",
      ["CONFIG_MIDDLE"],
    ],
    ["IN_IF=y n", "", "it depends on CONFIG_ROOT (is n)", ["CONFIG_ROOT"]],
    ["IN_MENU=y n", "", "its prompt is shown only with CONFIG_EXPERT (is n)", ["CONFIG_EXPERT"]],
    ["HIDDEN=n y", "", "its prompt is shown only with CONFIG_EXPERT (is n)", ["CONFIG_EXPERT"]],
    ["HELPER=n m", "BUS=y USER=y", "CONFIG_USER selects it", ["CONFIG_USER"]],
    [
      "HELPER=y n",
      "",
      "it has no prompt, so it cannot be set by hand; CONFIG_USER would select it",
      ["CONFIG_USER"],
    ],
    ["KIND_B=y n", "KIND_A=y", 'of the choice "Kind" CONFIG_KIND_A is set instead', ["CONFIG_KIND_A"]],
    ["KIND_A=n y", "KIND_A=y", 'it is what the choice "Kind" came to: set another member', []],
    ["ROOT=m y", "ROOT=y", "it is either y or n, never a module", []],
    ["SIZE=12 9", "SIZE=9", "its range is 1 9", []],
    [
      "SANITIZER=y n",
      "",
      "it depends on the test $(cc-option,-fsanitize=x) of the compiler, linker or assembler",
      [],
    ],
    ["FREE=y n", "", "nothing in the kernel's Kconfig files keeps it from being set", []],
  ])("%s with %j: %s", (lost, configuration, reason, blockers) => {
    expect(why(lost, configuration)).toEqual({ reason, blockers });
  });
});
