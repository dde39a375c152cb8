import { expect, test } from "vitest";
import { ownRandomization } from "../../src/embedded/randomization.js";

test.each([
  [{}, {}, "2"],
  [{}, { CONFIG_COMPAT_BRK: "y" }, "1"],
  [{ kernelCmdline: "quiet loglevel=3" }, { CONFIG_CMDLINE: '"console=hvc0"' }, "2"],
  [{}, null, null],
  [{ init: "systemd" }, {}, null],
  [{ kernelCmdline: "quiet norandmaps" }, {}, null],
  [{ kernelCmdline: "sysctl.kernel.randomize_va_space=1" }, {}, null],
  [{ kernelCmdline: "sysctl.kernel/randomize-va-space=1" }, {}, null],
  [{}, { CONFIG_CMDLINE: '"norandmaps"' }, null],
] as const)("%j on a kernel with %j: %s", (guest, kernel, own) => {
  expect(ownRandomization(guest, kernel)).toBe(own);
});
