import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { VmConfig } from "../src/index.js";
import { homeWith, rejection, requirePackage, scratchDirectory } from "./scratch.js";

const { loadConfig } = requirePackage();

const GOOD = "export const kernelCmdline = [];\n";

function load(config: string): Promise<VmConfig> {
  return loadConfig({ home: homeWith("TestVM", config), name: "TestVM" });
}

test("a config module gives options as data, whichever way they are written", async () => {
  const home = homeWith(
    "TestVM",
    `export const qemuOptions = [
      ["-smp", "4"],
      ["-S"],
      ["-device", "virtio-rng-pci,id=a,,b"],
      { flag: "m", value: "2G" },
      { flag: "device", head: "virtio-rng-pci", props: [["id", "a,b"], ["bare", null]] },
      { flag: "device", json: { driver: "virtio-rng-pci", max: [1, true, null] } },
      { image: "disk.img" },
    ];
    export const kernelCmdline = ["root=/dev/vda1", "quiet"];
    export const arch = "x86_64";`,
  );
  expect(await loadConfig({ home, name: "TestVM" })).toEqual({
    name: "TestVM",
    directory: join(home, "TestVM"),
    configFile: join(home, "TestVM/vm.mjs"),
    qemuOptions: [
      { flag: "smp", head: "4", props: [] },
      { flag: "S" },
      { flag: "device", head: "virtio-rng-pci", props: [["id", "a,b"]] },
      { flag: "m", value: "2G" },
      {
        flag: "device",
        head: "virtio-rng-pci",
        props: [
          ["id", "a,b"],
          ["bare", null],
        ],
      },
      { flag: "device", json: { driver: "virtio-rng-pci", max: [1, true, null] } },
      { image: "disk.img" },
    ],
    kernelCmdline: ["root=/dev/vda1", "quiet"],
    arch: "x86_64",
  });
});

test("a config module can be a program", async () => {
  const config = await load(`
    import { cpus } from "node:os";
    console.log("this must not stand in the script of a dry run");
    const count = await Promise.resolve(Math.min(cpus().length, 1));
    export const qemuOptions = [["-smp", String(count)]];
    export { cmdline as kernelCmdline };
    const cmdline = ["a"].concat("b");`);
  expect(config.kernelCmdline).toEqual(["a", "b"]);
});

test.each([
  ["export const qemuOptions = [\n  1,\n ;\n", "TestVM/vm.mjs:3: syntax error: Unexpected token ';'"],
  ["export const qemuOptions = [];\nexport const qemuOptions = [];", "TestVM/vm.mjs:2: syntax error: "],
  ["\nthrow new Error('no way');", "TestVM/vm.mjs:2: cannot be loaded: Error: no way"],
  ["throw 'no way';", "TestVM/vm.mjs: cannot be loaded: threw 'no way'"],
  ["throw 1n;", "TestVM/vm.mjs: cannot be loaded: threw 1n"],
  ["throw undefined;", "TestVM/vm.mjs: cannot be loaded: threw undefined"],
  ["import './missing.mjs';", "TestVM/vm.mjs: cannot be loaded: Error: Cannot find module"],
  [
    "import { qemuOptions as o } from './vm.mjs';\nexport const qemuOptions = o;",
    "TestVM/vm.mjs:2: cannot be loaded: ReferenceError: ",
  ],
  ["process.exit(0);", "TestVM/vm.mjs: calls process.exit"],
  ["try { process.exit(0); } catch {}", "TestVM/vm.mjs: calls process.exit"],
  ["", "TestVM/vm.mjs: does not export qemuOptions"],
  ["export const qemuOptions = [];", "TestVM/vm.mjs: does not export kernelCmdline"],
  [`${GOOD}export const qemuOptions = {};`, "TestVM/vm.mjs: qemuOptions: expected an array, got object"],
  [
    `${GOOD}export const qemuOptions = [["-smp", 4]];`,
    "TestVM/vm.mjs: qemuOptions[0][1]: expected a string, got number",
  ],
  [
    `${GOOD}export const qemuOptions = ["-S"];`,
    "TestVM/vm.mjs: qemuOptions[0]: expected an array of strings or an option object, got string",
  ],
  [`${GOOD}export const qemuOptions = [[]];`, "TestVM/vm.mjs: qemuOptions[0]: expected at least one string"],
  [`${GOOD}export const qemuOptions = [["-smp"]];`, "TestVM/vm.mjs: qemuOptions[0]: "],
  [`${GOOD}export const qemuOptions = [["a\\0"]];`, "TestVM/vm.mjs: qemuOptions[0][0]: expected text"],
  [
    `${GOOD}export const qemuOptions = [null];`,
    "TestVM/vm.mjs: qemuOptions[0]: expected an array of strings or an option object, got null",
  ],
  [
    `${GOOD}export const qemuOptions = [{}];`,
    "TestVM/vm.mjs: qemuOptions[0].flag: expected a string, got undefined",
  ],
  [
    `${GOOD}export const qemuOptions = [{ flag: "-m" }];`,
    'TestVM/vm.mjs: qemuOptions[0].flag: expected a flag with no dash, such as "smp", got "-m"',
  ],
  [
    `${GOOD}export const qemuOptions = [{ flag: "m", valeu: "2G" }];`,
    'TestVM/vm.mjs: qemuOptions[0]: unknown key "valeu"',
  ],
  [
    `${GOOD}export const qemuOptions = [{ flag: "m", value: "2G", head: "x" }];`,
    'TestVM/vm.mjs: qemuOptions[0]: "head" cannot stand beside "value"',
  ],
  [
    `${GOOD}export const qemuOptions = [{ flag: "m", props: [["a"]] }];`,
    "TestVM/vm.mjs: qemuOptions[0].props[0]: expected a pair",
  ],
  [
    `${GOOD}export const qemuOptions = [{ flag: "m", json: { a: [() => 1] } }];`,
    "TestVM/vm.mjs: qemuOptions[0].json.a[0]: expected a value that JSON can hold, got function",
  ],
  [
    "export const qemuOptions = [], kernelCmdline = ['a', 'b', 3];",
    "TestVM/vm.mjs: kernelCmdline[2]: expected a string, got number",
  ],
  [
    `${GOOD}export const qemuOptions = [, ["-S"]];`,
    "TestVM/vm.mjs: qemuOptions[0]: expected an array of strings or an option object, got undefined",
  ],
  [`${GOOD}export const qemuOptions = [], arch = 64;`, "TestVM/vm.mjs: arch: expected a string, got number"],
  [
    `${GOOD}export const qemuOptions = [], arch = "x86-64";`,
    "TestVM/vm.mjs: arch: expected a name of qemu-system-*",
  ],
  [`${GOOD}export const qemuOptions = [], extra = 1;`, 'TestVM/vm.mjs: unknown export "extra"'],
  [`${GOOD}export const qemuOptions = []; export default {};`, 'TestVM/vm.mjs: unknown export "default"'],
])("the module %j is refused in one sentence: %s", async (config, message) => {
  const error = await rejection(load(config));
  expect(error.message).toContain(message);
  expect(error.message).not.toContain("\n");
  expect(error.code).toMatch(/^CONFIG_/);
});

test("a syntax error in an imported module names that module", async () => {
  const home = homeWith("TestVM", "import './part.mjs';");
  writeFileSync(join(home, "TestVM/part.mjs"), "\n\nlet x = ;");
  const error = await rejection(loadConfig({ home, name: "TestVM" }));
  expect(error.message).toMatch(/^TestVM\/vm\.mjs: file:.*\/TestVM\/part\.mjs:3: syntax error: /);
});

test.each([
  [
    "a SyntaxError of its own",
    "JSON.parse('{');",
    ":2: cannot be loaded: SyntaxError: Expected property name",
  ],
  ["one that it makes itself", "throw new SyntaxError('odd');", ":2: cannot be loaded: SyntaxError: odd"],
  [
    "an error with no stack",
    "const e = new SyntaxError('odd'); delete e.stack; throw e;",
    ": cannot be loaded: ",
  ],
  [
    "text that is compiled while it runs",
    "new Function('let x = ;');",
    ":2: cannot be loaded: SyntaxError: ",
  ],
])(
  "a module that throws %s has run once, and the error is no syntax error of the module",
  async (_, line, message) => {
    const home = homeWith(
      "TestVM",
      `import { appendFileSync } from "node:fs"; import { x } from "./part.mjs";\n${line}`,
    );
    const ran = join(home, "ran");
    const note = `import { appendFileSync } from "node:fs";\nappendFileSync(${JSON.stringify(ran)}, "once;");\nexport const x = 1;`;
    writeFileSync(join(home, "TestVM/part.mjs"), note);
    const error = await rejection(loadConfig({ home, name: "TestVM" }));
    expect(error).toMatchObject({
      code: "CONFIG_THREW",
      message: expect.stringContaining(`TestVM/vm.mjs${message}`),
    });
    expect(readFileSync(ran, "utf8")).toBe("once;");
  },
);

test("what is imported by a name that is not there is told with its place, and nothing has run", async () => {
  const home = homeWith("TestVM", "import { x, nope } from './part.mjs';");
  const ran = join(home, "ran");
  writeFileSync(
    join(home, "TestVM/part.mjs"),
    `import { appendFileSync } from "node:fs";\nappendFileSync(${JSON.stringify(ran)}, "x");\nexport const x = 1;`,
  );
  const error = await rejection(loadConfig({ home, name: "TestVM" }));
  expect(error).toMatchObject({
    code: "CONFIG_SYNTAX",
    message: expect.stringContaining("TestVM/vm.mjs:1: "),
  });
  expect(existsSync(ran)).toBe(false);
});

test("a module whose top-level await never ends is given up", async () => {
  const error = await rejection(load("export const qemuOptions = await new Promise(() => {});"));
  expect(error).toMatchObject({
    code: "CONFIG_TIMEOUT",
    message: "TestVM/vm.mjs: still not loaded after 5 s",
  });
});

test("misspelt exports and keys get a suggestion", async () => {
  const error = await rejection(load(`${GOOD}export const qemuOptoins = [];`));
  expect(error).toMatchObject({
    message: 'TestVM/vm.mjs: unknown export "qemuOptoins"',
    hint: 'Did you mean "qemuOptions"?',
  });
});

test("after a module that failed the process can exit and print as before", async () => {
  const exit = Object.getOwnPropertyDescriptor(process, "exit");
  const { log } = console;
  await rejection(load("process.exit(0);"));
  expect(console.log).toBe(log);
  expect(Object.getOwnPropertyDescriptor(process, "exit")).toEqual(exit);
});

test("an unknown name gets the nearest existing one as a suggestion", async () => {
  const home = homeWith("TestVM", GOOD);
  const error = await rejection(loadConfig({ home, name: "TestMV" }));
  expect(error).toMatchObject({ code: "VM_NOT_FOUND", hint: 'Did you mean "TestVM"?' });
  const missing = await rejection(loadConfig({ home: join(home, "none"), name: "TestVM" }));
  expect(missing).toMatchObject({ code: "VM_NOT_FOUND", hint: "Make it with: vm create TestVM" });
});

test("a VM without a config module, and one that cannot be read, are told apart from no VM", async () => {
  const home = scratchDirectory();
  mkdirSync(join(home, "Empty"));
  mkdirSync(join(home, "Odd/vm.mjs"), { recursive: true });
  symlinkSync("loop", join(home, "loop"));
  expect(await rejection(loadConfig({ home, name: "Empty" }))).toMatchObject({ code: "CONFIG_NOT_FOUND" });
  expect(await rejection(loadConfig({ home, name: "Odd" }))).toMatchObject({ code: "CONFIG_UNREADABLE" });
  expect(await rejection(loadConfig({ home, name: "loop" }))).toMatchObject({ code: "CONFIG_UNREADABLE" });
  expect(await rejection(loadConfig({ home, name: "../x" }))).toMatchObject({ code: "VM_NAME_INVALID" });
});
