import { knownArchitectures } from "@vm/architectures";
import { hostArchitecture } from "@vm/qemu-argv";
import { expect, test } from "vitest";
import { gdbProgram } from "../../src/debug/gdb-program.js";

/** What Node calls the hosts whose guests are their own. */
const nodeNames = ["x64", "ia32", "arm64", "arm", "riscv64", "s390x", "ppc64"];

test.each(nodeNames)("on a host that Node calls %s its own gdb knows its own guests", (nodeName) => {
  const host = hostArchitecture(nodeName);
  expect(knownArchitectures.some(({ name }) => name === host)).toBe(true);
  expect(gdbProgram(host, host)).toBe("gdb");
});

test("a PC's gdb knows both of its kinds; guests of any other architecture want gdb-multiarch", () => {
  const names = knownArchitectures.map(({ name }) => name);
  const both = names.flatMap((host) =>
    names
      .filter((arch) => arch !== host && gdbProgram(arch, host) === "gdb")
      .map((arch) => `${arch} on ${host}`),
  );
  expect(both).toEqual(["i386 on x86_64", "x86_64 on i386"]);
});
