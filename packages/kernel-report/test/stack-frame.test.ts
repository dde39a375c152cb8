import { expect, test } from "vitest";
import { framesOf } from "../src/index.js";

/** As `symbol+offset [module] points`, `?` in front of what is only found on the stack. */
function places(text: string): string[] {
  return framesOf(text).map(({ symbol, offset, module, buildId, points, isCertain }) =>
    [
      isCertain ? "" : "? ",
      symbol,
      `+${offset}`,
      module === null ? "" : ` [${module}${buildId ?? ""}]`,
      ` ${points}`,
    ].join(""),
  );
}

test.each([
  [" do_one_initcall+0x44/0x1f0", ["do_one_initcall+68 call"]],
  [" ? hello_init+0x8b/0x1000 [hello]", ["? hello_init+139 [hello] call"]],
  ["RIP: 0010:read_nowhere+0xc/0x14 [hello]", ["read_nowhere+12 [hello] instruction"]],
  [" __schedule.constprop.0+0x10/0x20", ["__schedule.constprop.0+16 call"]],
  [
    " foo.cold+0x1/0x2 [bar 0123456789abcdef0123456789abcdef01234567]",
    ["foo.cold+1 [bar0123456789abcdef0123456789abcdef01234567] call"],
  ],
  // arm64, arm, riscv, LoongArch, s390, powerpc.
  ["pc : el1h_64_sync+0x64/0x68", ["el1h_64_sync+100 instruction"]],
  ["lr : die+0x1a0/0x220", ["die+416 call"]],
  ["PC is at foo+0x4/0x10", ["foo+4 instruction"]],
  ["epc : do_trap+0x2/0x40", ["do_trap+2 instruction"]],
  [" ra : handle+0x2/0x40", ["handle+2 call"]],
  ["   ra: 9000000000223f9c schedule+0x5c/0xe0", ["schedule+92 call"]],
  ["  ERA: 9000000000223f9c schedule+0x5c/0xe0", ["schedule+92 instruction"]],
  ["[<9000000000223f9c>] schedule+0x5c/0xe0", ["schedule+92 call"]],
  [" [<000000000010c4a6>] show_stack+0x56/0x88 ", ["show_stack+86 call"]],
  ["NIP [c000000000012345] foo+0x10/0x20", ["foo+16 instruction"]],
  ["[c000000012345678] [c000000000012345] foo+0x10/0x20 (unreliable)", ["foo+16 call"]],
  ["BUG: KASAN: slab-use-after-free in foo+0x1/0x2 [bar]", ["foo+1 [bar] call"]],
  ["nothing of the kind: 0x10/0x20", []],
])("%s", (text, expected) => {
  expect(places(text)).toEqual(expected);
});
