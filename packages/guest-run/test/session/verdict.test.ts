import { expect, test } from "vitest";
import type { ComplaintKind } from "@vm/kernel-report";
import type { QemuEnd } from "../../src/session/qemu-process.js";
import { verdict, type Observations } from "../../src/session/verdict.js";

const ended: QemuEnd = { code: 0, signal: null, stderr: "", error: null };

function seen(more: Partial<Observations>): Observations {
  return {
    started: true,
    lacksModules: false,
    commandBegan: true,
    failure: null,
    status: 0,
    outputComplete: true,
    complaintsAtAnswer: 0,
    shutdown: "awaited",
    notes: [],
    complaints: [],
    noInit: null,
    endedBy: null,
    ...more,
  };
}

function complaint(kind: ComplaintKind): Observations["complaints"][number] {
  return { kind, line: `the ${kind}` };
}

const none = new Set<ComplaintKind>();

test("what the kernel says after the answer counts until QEMU has ended", () => {
  const after = (kind: ComplaintKind): unknown =>
    verdict(seen({ complaints: [complaint(kind)] }), ended, none);
  expect(after("panic")).toEqual({ kind: "panicked", reason: "the panic" });
  expect(after("oops")).toMatchObject({ kind: "oopsed", status: 0 });
  for (const kind of ["softlockup", "hardlockup", "hungtask", "rcustall"] as const)
    expect(after(kind)).toEqual({ kind: "hung", reason: `the ${kind}` });
  expect(after("warn")).toEqual({ kind: "exited", status: 0 });
  expect(verdict(seen({ complaints: [complaint("warn")] }), ended, new Set(["warn"] as const))).toMatchObject(
    {
      kind: "oopsed",
      complaint: "warn",
    },
  );
});

test("a hang from which the guest recovered before its answer does not", () => {
  const recovered = seen({ complaints: [complaint("rcustall")], complaintsAtAnswer: 1 });
  expect(verdict(recovered, ended, none)).toEqual({ kind: "exited", status: 0 });
  expect(
    verdict({ ...recovered, complaints: [complaint("rcustall"), complaint("panic")] }, ended, none),
  ).toEqual({ kind: "panicked", reason: "the panic" });
});

test("a guest that has to power itself off, and does not, has not succeeded", () => {
  const endedBy = { kind: "no-shutdown", reason: "it went on" } as const;
  expect(verdict(seen({ endedBy }), ended, none)).toEqual({ kind: "hung", reason: "it went on" });
  const killed: QemuEnd = { ...ended, code: null, signal: "SIGKILL" };
  expect(verdict(seen({}), killed, none)).toMatchObject({ kind: "lost", by: "qemu" });
  // Where nothing can be lost it is we who kill it.
  expect(verdict(seen({ shutdown: "skipped" }), killed, none)).toEqual({ kind: "exited", status: 0 });
});

test("a kernel that finds no root lacks an option, or its modules where none came with it", () => {
  const noInit = { kind: "no-init", reason: "VFS: no root", missing: "CONFIG_9P_FS" } as const;
  const lost = seen({ started: false, commandBegan: false, status: null, noInit });
  expect(verdict(lost, ended, none)).toMatchObject({
    kind: "not-started",
    cause: "configuration",
    reason: "VFS: no root (CONFIG_9P_FS is missing)",
  });
  const alone = verdict({ ...lost, lacksModules: true }, ended, none);
  expect(alone).toMatchObject({ kind: "not-started", cause: "configuration" });
  expect(JSON.stringify(alone)).toContain("no modules came with this kernel");
  expect(JSON.stringify(alone)).not.toContain("CONFIG_");
});
