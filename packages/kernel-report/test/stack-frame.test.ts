import { expect, test } from "vitest";
import { framesOf, kernelOffset } from "../src/index.js";

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
  // A kernel without names (CONFIG_KALLSYMS), and a program's own place.
  ["RIP: 0010:0xffffffff81234567", ["0xffffffff81234567+0 instruction"]],
  [" ? 0xffffffff81234567", ["? 0xffffffff81234567+0 call"]],
  ["pc : 0xffff800080012345", ["0xffff800080012345+0 instruction"]],
  [" 0x9000000000223f9c", ["0x9000000000223f9c+0 call"]],
  ["RIP: 0033:0x7fcfbe2bb0e8", []],
  ["RIP: 0010:0x0", []],
  ["nothing of the kind: 0x10/0x20", []],
])("%s", (text, expected) => {
  expect(places(text)).toEqual(expected);
});

test.each([
  [
    "Kernel Offset: 0x2ec00000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)",
    0x2ec00000n,
  ],
  ["Kernel Offset: disabled", 0n],
  ["a line of a program", null],
])("how far the kernel was moved: %s", (line, offset) => {
  expect(kernelOffset(["before", line, "after"])).toBe(offset);
});
