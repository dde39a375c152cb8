import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { commandTable } from "../src/command-table.js";

/** What each command asks for; of the front end's own there is nothing that another one could ask for. */
const operations: Readonly<Record<string, readonly string[] | "front end">> = {
  create: ["create-vm"],
  import: ["import-vm"],
  run: ["run-vm", "run-command"],
  start: ["start"],
  stop: ["stop"],
  restart: ["restart"],
  console: ["console"],
  logs: ["logs"],
  pause: ["pause"],
  resume: ["resume"],
  wait: ["wait"],
  events: ["events"],
  qmp: ["qmp"],
  exec: ["exec"],
  shell: ["exec"],
  ssh: ["ssh"],
  // What `vm ssh` and clients of ssh call to be connected.
  "ssh-connect": "front end",
  // The other side of `vm test --on ssh`, which has the request.
  "serve-cells": "front end",
  "ssh-config": ["ssh-config"],
  cp: ["copy"],
  forward: ["forward"],
  mount: ["mount"],
  test: ["test", "plan-cells", "run-cells", "collect-cells", "submit-cells"],
  install: ["install"],
  list: ["list"],
  info: ["info"],
  config: ["show-config"],
  export: ["export-vm"],
  set: ["set-machine"],
  edit: ["edit-config"],
  rename: ["rename-vm"],
  clone: ["clone-vm"],
  resize: ["resize-disk"],
  "disk add": ["add-disk"],
  "disk remove": ["remove-disk"],
  "disk list": ["info"],
  "snapshot create": ["create-snapshot"],
  "snapshot list": ["list-snapshots"],
  "snapshot restore": ["restore-snapshot"],
  "snapshot delete": ["delete-snapshot"],
  rm: ["remove-vm"],
  kernel: ["kernel", "fetch-kernel"],
  modules: ["modules"],
  decode: ["decode"],
  gdb: ["gdb"],
  dump: ["dump"],
  "kconfig merge": ["merge-config"],
  "kconfig check": ["check-config"],
  "modules-package": ["modules-package"],
  doctor: ["doctor"],
  "cache list": ["list-cache"],
  "cache prune": ["prune-cache"],
  completion: "front end",
  mcp: "front end",
  report: ["report"],
};

/** The published schema. */
const schema: { readonly $defs: Readonly<Record<string, unknown>> } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../packages/operations/schema/request.json"), "utf8"),
);

async function commandNames(): Promise<string[]> {
  const names: string[] = [];
  for (const { name, load } of commandTable) {
    const command = new Command(name);
    (await load()).define(command, { env: {}, cwd: "/", setExitCode: () => {} });
    const { commands } = command;
    names.push(...(commands.length === 0 ? [name] : commands.map((sub) => `${name} ${sub.name()}`)));
  }
  return names;
}

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? sources(path) : [readFileSync(path, "utf8")];
  });
}

test("every command makes a request that the published schema has, and every operation has a command", async () => {
  const names = await commandNames();
  expect(names.filter((name) => !Object.hasOwn(operations, name))).toEqual([]);
  const asked = names.flatMap((name) => {
    const made = operations[name] ?? "front end";
    return made === "front end" ? [] : made;
  });
  expect([...new Set(asked)].toSorted()).toEqual(Object.keys(schema.$defs).toSorted());
});

test("the program's own text makes each of them", () => {
  const text = ["../src", "../../../packages/command-requests/src"]
    .flatMap((directory) => sources(join(import.meta.dirname, directory)))
    .join("\n");
  // Requests that have nothing to say.
  const said = Object.keys(schema.$defs).filter((operation) => !["list", "list-cache"].includes(operation));
  const made = said.filter((operation) =>
    new RegExp(`(?:operation: |changing\\(\\s*)"${operation}"`).test(text),
  );
  expect(made).toEqual(said);
});
