import { chmodSync, chownSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EffectiveSetting } from "@vm/operations";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, unfolded, type Sandbox } from "./vm.js";

interface Place extends Sandbox {
  /** Writes the tree's file, and the person's own. */
  readonly tree: (content: unknown) => string;
  readonly own: (content: unknown) => string;
}

function write(file: string, content: unknown): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function place(): Place {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  mkdirSync(join(box.cwd, "out"));
  return {
    ...box,
    tree: (content) => write(join(box.cwd, "vm.config.json"), content),
    own: (content) => write(join(box.root, ".config/vm/config.json"), content),
  };
}

const run = ["run", "-k", "linux", "--exec", "true", "-n"];

test("the tree goes before the person, and the command line before both; parameters come together", async () => {
  const { vm, vmWith, tree, own } = place();
  own({ cpus: 2, memory: "512M", parameters: ["quiet"] });
  tree({ $schema: "x", memory: "768M", parameters: ["panic_on_warn=1", 'dyndbg="module x +p"'] });
  const both = unfolded((await vm(...run)).stdout);
  expect(both).toMatch(/-smp 2 .*-m 768M|-m 768M .*-smp 2/);
  expect(both).toMatch(/quiet panic_on_warn=1 dyndbg="module x \+p"/);
  const given = unfolded((await vm(...run, "-m", "2G", "-c", "3", "-a", "debug")).stdout);
  expect(given).toContain("-m 2G");
  expect(given).toContain("-smp 3");
  expect(given).toMatch(/quiet panic_on_warn=1 .*debug/);
  const without = unfolded((await vmWith({ VM_CONFIG: "none" }, ...run)).stdout);
  expect(without).toContain("-m 512M");
  expect(without).not.toContain("panic_on_warn");
});

test("a machine's own configuration has its CPUs and memory; a kernel that it boots has the parameters", async () => {
  const { vm, tree } = place();
  await vm("create", "X", "-s", "1M", "-c", "2", "-m", "512M");
  tree({ cpus: 7, memory: "768M", parameters: ["panic_on_warn=1"] });
  const { stdout } = await vm("run", "X", "-k", "linux", "-n");
  expect(stdout).toContain("-m 512M");
  expect(stdout).toContain("panic_on_warn=1");
  expect(stdout).not.toMatch(/768M|-smp 7/);
  expect((await vm("run", "X", "-n")).stdout).not.toContain("panic_on_warn");
  const started = await vm("start", "-k", "linux", "--name", "try", "-n");
  expect(unfolded(started.stdout)).toContain("-m 768M");
});

test("vm config --effective tells each value and who says it; the file is found upwards", async () => {
  const { vm, vmWith, cwd, tree, own, home } = place();
  const [mine, trees] = [
    own({ cpus: 2, rw: ["~/out"], cacheLimit: "5G" }),
    tree({ cpus: 4, rw: ["out"], timeout: "5m" }),
  ];
  const { stdout } = await vm("config", "--effective", "--json");
  const settings: EffectiveSetting[] = JSON.parse(stdout);
  const of = (key: string): EffectiveSetting | undefined => settings.find((each) => each.key === key);
  expect(of("cpus")).toEqual({ key: "cpus", value: 4, from: [trees] });
  expect(of("rw")).toEqual({
    key: "rw",
    value: [expect.stringMatching(/\/out$/), join(cwd, "out")],
    from: [mine, trees],
  });
  expect(of("cacheLimit")).toEqual({ key: "cacheLimit", value: "5G", from: [mine] });
  expect(of("memory")).toEqual({ key: "memory", value: "1G", from: ["built in"] });
  expect(of("timeoutMs")).toMatchObject({ value: 300_000 });
  expect(of("home")).toEqual({ key: "home", value: home, from: ["$VM_HOME"] });
  expect((await vm("config", "--effective")).stdout).toContain(`cpus\t4\t${trees}\n`);
  expect((await vmWith({ VM_CONFIG: "none" }, "config", "--effective")).stdout).toContain(
    `cpus\t2\t${mine}\n`,
  );
});

test.each([
  ['{"memroy": "2G"}', 'unknown key "memroy"', 'Did you mean "memory"?'],
  ['{"network": "user"}', "network is for a person's own config.json alone", "no tree can say that"],
  ['{"home": "/x"}', "home is for a person's own config.json alone", ""],
  ['{"expose": ["/"]}', "expose is for a person's own config.json alone", ""],
  ['{"constructor": 1}', 'unknown key "constructor"', "Known keys"],
  ['{"cpus": "4"}', 'cpus: expected a number from 1 on, got "4"', ""],
  ['{"cpus": 0}', "cpus: expected a number from 1 on, got 0", ""],
  ['{"memory": "much"}', "memory: expected an amount of memory", ""],
  ['{"parameters": "quiet"}', "parameters: expected a list", ""],
  ['{"parameters": ["a", "x=\\"y"]}', "parameters[1]: expected a kernel parameter with closed quotes", ""],
  ['{"failOn": ["kasan", "typo"]}', "failOn[1]: 'typo' is no complaint", "Known are"],
  ['{"timeout": 5}', "timeout: expected a time such as", ""],
  ['{"rw": ["out", "../.."]}', "rw[1]:", "A tree may open only itself"],
  ['{"rw": ["~"]}', "rw[0]:", "A tree may open only itself"],
  ['{"rw": ["/"]}', "rw[0]:", "A tree may open only itself"],
  ["[]", "expected an object", ""],
  ["{", "not valid JSON", ""],
])("%s is refused, with file and key; a bisection ends", async (text, said, hint) => {
  const { vm, tree } = place();
  const file = tree(text);
  const { code, stdout, stderr } = await vm(...run);
  expect([code, stdout]).toEqual([249, ""]);
  expect(stderr).toContain(`${file}: ${said}`);
  expect(stderr).toContain(hint);
  expect((await vm(...run, "--bisect")).code).toBe(128);
  expect((await vm("test", "-k", "linux", "-n")).code).toBe(249);
});

test("what would open the host is not taken from a file that others write, nor through a link; all else is data", async () => {
  const { vm, cwd, root, tree } = place();
  const file = tree({ rw: ["out"], memory: "768M" });
  expect(unfolded((await vm(...run)).stdout)).toContain(join(cwd, "out").replaceAll(",", ",,"));
  symlinkSync(root, join(cwd, "away"));
  tree({ rw: ["away"] });
  expect((await vm(...run)).stderr).toContain("is not below");
  tree({ rw: ["out"], memory: "768M" });
  for (const open of [
    () => chownSync(file, 4711, 4711),
    () => chmodSync(file, 0o666),
    () => chmodSync(cwd, 0o777),
  ]) {
    open();
    expect(await vm(...run)).toMatchObject({
      code: 249,
      stderr: expect.stringContaining("would open this machine"),
    });
    chownSync(file, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    chmodSync(file, 0o644);
    chmodSync(cwd, 0o755);
  }
  tree({ memory: "768M" });
  chownSync(file, 4711, 4711);
  expect(unfolded((await vm(...run)).stdout)).toContain("-m 768M");
});

test("a link that leads nowhere, or in a circle, is a file that cannot be read, and not none", async () => {
  const { vm, vmWith, cwd } = place();
  for (const target of ["not-there", "vm.config.json"]) {
    symlinkSync(target, join(cwd, "vm.config.json"));
    const { code, stdout, stderr } = await vm("config", "--effective");
    expect([target, code, stdout]).toEqual([target, 1, ""]);
    expect(stderr).toContain("vm.config.json: cannot be read:");
    expect(stderr).toContain("VM_CONFIG=none does without it.");
    expect((await vmWith({ VM_CONFIG: "none" }, "config", "--effective")).code).toBe(0);
    unlinkSync(join(cwd, "vm.config.json"));
  }
});
