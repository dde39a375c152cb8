import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openGuestEntry } from "@vm/vm-store";
import { expect, onTestFinished, test } from "vitest";
import { describeGuest, listMachines, machineNames } from "../../src/index.js";
import { makeVm, refusal, stage } from "./stage.js";

test("embedded guests of this home stand among the VMs while they run, and can be looked at", async () => {
  const { root, home, host: plain } = stage();
  const runtime = join(root, "run");
  mkdirSync(runtime, { mode: 0o700 });
  const host = { ...plain, env: { ...plain.env, XDG_RUNTIME_DIR: runtime } };
  for (const name of ["a", "c"]) await makeVm(home, name);
  const command = ["vm", "run", "-k", "."];
  const open = (name: string, kind: "embedded" | "vm", where: string): void => {
    const entry = openGuestEntry(
      { name, kind, home: where, kernel: "7.3.0", command, offers: ["exec"] },
      host.env,
    );
    onTestFinished(() => entry.close());
  };
  open("b", "embedded", home);
  open("elsewhere", "embedded", join(root, "other"));
  // A VM's entry is not the VM: its directory is.
  open("c", "vm", home);
  expect(machineNames(host)).toEqual(["a", "b", "c"]);
  const [, guest, ...others] = listMachines(host);
  expect(others.map(({ name, kind }) => [name, kind])).toEqual([["c", "vm"]]);
  expect(guest).toMatchObject({
    name: "b",
    kind: "embedded",
    state: "running",
    kernel: "7.3.0",
    root: "/",
    pid: process.pid,
    command,
  });
  expect(await describeGuest({ operation: "info", vm: "b" }, host)).toEqual(guest);
  expect(await describeGuest({ operation: "info", vm: "a" }, host)).toMatchObject({
    name: "a",
    kind: "vm",
    state: "stopped",
  });
  expect(await refusal(describeGuest({ operation: "info", vm: "elsewhere" }, host))).toMatchObject({
    code: "VM_NOT_FOUND",
  });
  expect(await refusal(describeGuest({ operation: "info", vm: "x/y" }, host))).toMatchObject({
    code: "VM_NAME_INVALID",
  });
});
