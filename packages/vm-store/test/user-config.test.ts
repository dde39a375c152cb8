import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readUserConfig, resolveVmHome } from "../src/index.js";
import { scratchDirectory } from "./scratch.js";

function environmentWith(text: string): { HOME: string; XDG_CONFIG_HOME: string } {
  const base = scratchDirectory();
  mkdirSync(join(base, "vm"));
  writeFileSync(join(base, "vm/config.json"), text);
  return { HOME: "/home/me", XDG_CONFIG_HOME: base };
}

test("with no configuration VMs live in ~/linux/vm", () => {
  const env = { HOME: scratchDirectory() };
  expect(readUserConfig({ env })).toEqual({});
  expect(resolveVmHome({ env, userConfig: {} })).toBe(join(env.HOME, "linux/vm"));
});

test("home of config.json comes before ~/linux/vm, and VM_HOME before both", () => {
  const env = environmentWith('{"home": "~/vms", "builds": "/srv/builds/", "network": "user"}');
  const userConfig = readUserConfig({ env });
  expect(userConfig).toEqual({ home: "/home/me/vms", builds: "/srv/builds", network: "user" });
  expect(resolveVmHome({ env, userConfig })).toBe("/home/me/vms");
  expect(resolveVmHome({ env: { ...env, VM_HOME: "/x" }, userConfig })).toBe("/x");
  expect(resolveVmHome({ env: { ...env, VM_HOME: "here" }, userConfig })).toBe(join(process.cwd(), "here"));
  expect(resolveVmHome({ env: { ...env, VM_HOME: "" }, userConfig })).toBe("/home/me/vms");
});

test("hide and expose are lists of paths", () => {
  const env = environmentWith('{"hide": ["~/secrets", "/srv/keys/"], "expose": ["~"]}');
  expect(readUserConfig({ env })).toEqual({ hide: ["/home/me/secrets", "/srv/keys"], expose: ["/home/me"] });
});

test("without XDG_CONFIG_HOME, or with a relative one, config.json is looked for in ~/.config", () => {
  const home = scratchDirectory();
  mkdirSync(join(home, ".config/vm"), { recursive: true });
  writeFileSync(join(home, ".config/vm/config.json"), '{"home": "~"}');
  expect(readUserConfig({ env: { HOME: home } })).toEqual({ home });
  expect(readUserConfig({ env: { HOME: home, XDG_CONFIG_HOME: "relative" } })).toEqual({ home });
});

test.each([
  ["{", "not valid JSON"],
  ["[]", "expected an object, got array"],
  ['{"home": 1}', "home: expected a string, got number"],
  ['{"builds": null}', "builds: expected a string, got null"],
  ['{"home": "vms"}', 'home: expected an absolute path or one that begins with ~/, got "vms"'],
  ['{"network": "all"}', 'network: expected none, user, isolated, got "all"'],
  ['{"hide": "/x"}', "hide: expected a list of paths, got string"],
  ['{"expose": ["/x", 1]}', "expose[1]: expected a string, got number"],
  ['{"hide": ["x"]}', 'hide[0]: expected an absolute path or one that begins with ~/, got "x"'],
  ['{"hoem": "/x"}', 'unknown key "hoem"'],
])("a config.json of %s is refused: %s", (text, reason) => {
  const env = environmentWith(text);
  const file = join(env.XDG_CONFIG_HOME, "vm/config.json");
  expect(() => readUserConfig({ env })).toThrow(`${file}: ${reason}`);
});

test("a misspelt key of config.json gets a suggestion", () => {
  const env = environmentWith('{"hoem": "/x"}');
  expect(() => readUserConfig({ env })).toThrow(expect.objectContaining({ hint: 'Did you mean "home"?' }));
});

test("a config.json that cannot be read is an error, not an empty one", () => {
  const base = scratchDirectory();
  mkdirSync(join(base, "vm/config.json"), { recursive: true });
  expect(() => readUserConfig({ env: { XDG_CONFIG_HOME: base } })).toThrow(
    "cannot be read: a directory where a file is expected",
  );
});
