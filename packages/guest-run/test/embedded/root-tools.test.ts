import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { programInterpreter } from "../../src/embedded/root-program.js";
import { checkRootTools, rootPrograms } from "../../src/embedded/root-tools.js";
import { madeUpRoot, put } from "./made-up-root.js";

function check(root: string, tools: Parameters<typeof checkRootTools>[2]): void {
  checkRootTools(root, rootPrograms(root), tools);
}

test("what the guest's start runs is looked for in the root, and what is missing is named with its packages", () => {
  const root = madeUpRoot("x86_64");
  check(root, ["mount", "chroot", "setsid", "sleep", "cat"]);
  check("/", ["mount", "chroot", "setsid", "sleep", "cat", "stty", "setpriv", "mkfifo", "nice", "sync"]);
  rmSync(join(root, "usr/bin/mount"));
  rmSync(join(root, "usr/bin/setsid"));
  expect(() => check(root, ["mount", "chroot", "setsid"])).toThrow(
    expect.objectContaining({
      code: "ROOT_UNUSABLE",
      message: `${root} cannot be the guest's root: it has no mount, setsid.`,
      hint: expect.stringMatching(/^Looked in \/usr\/bin:.*Debian's packages: mount, util-linux\.$/),
    }),
  );
});

test("another mount than util-linux's is refused by name", () => {
  const root = madeUpRoot("x86_64");
  rmSync(join(root, "usr/bin/mount"));
  put(join(root, "usr/bin/busybox"), "x");
  symlinkSync("busybox", join(root, "usr/bin/mount"));
  expect(() => check(root, ["mount"])).toThrow("its mount is that of busybox, and util-linux's is needed");
});

test("a link that leads out of the root, or nowhere, is no program", () => {
  const root = madeUpRoot("x86_64");
  rmSync(join(root, "usr/bin/mount"));
  symlinkSync("/etc/alternatives/mount", join(root, "usr/bin/mount"));
  expect(() => check(root, ["mount"])).toThrow("it has no mount.");
});

test("a root whose programs' loader is not there is refused before the boot, with what tore it apart", () => {
  const root = madeUpRoot("x86_64");
  const programs = rootPrograms("/");
  for (const name of ["dash", "mount", "chroot"])
    copyFileSync(programs.find(name) ?? "", join(root, "usr/bin", name));
  // This machine's own, by where it says that it is.
  const loader = programInterpreter(programs.find("dash") ?? "") ?? "";
  expect(loader).toMatch(/^\/lib/);
  put(join(root, "usr", loader), "x");
  const top = loader.split("/")[1] ?? "";
  symlinkSync(`usr/${top}`, join(root, top));
  check(root, ["mount", "chroot"]);
  // As `dpkg -x linux-image.deb ROOT` does.
  rmSync(join(root, top));
  mkdirSync(join(root, top, "modules"), { recursive: true });
  expect(() => check(root, ["mount", "chroot"])).toThrow(
    expect.objectContaining({
      code: "ROOT_UNUSABLE",
      message: `${root} cannot be the guest's root: its /bin/sh is started by ${loader}, which is not there.`,
      hint: expect.stringContaining(
        `Its /${top} is a directory, where a root of today has a link into /usr: \`dpkg -x\``,
      ),
    }),
  );
  put(join(root, "usr/bin/dash"), "#! /no/such -x\n");
  expect(() => check(root, [])).toThrow("its /bin/sh is started by /no/such, which is not there");
});

test("NixOS' programs are found in its store, and what is only below /run does not count", () => {
  const root = madeUpRoot("x86_64");
  const system = "/nix/store/abc-nixos-system";
  mkdirSync(join(root, system, "sw"), { recursive: true });
  renameSync(join(root, "usr/bin"), join(root, system, "sw/bin"));
  mkdirSync(join(root, "run"));
  symlinkSync(system, join(root, "run/current-system"));
  const programs = rootPrograms(root);
  expect(programs.nixSystem).toBe(system);
  expect(programs.path).toMatch(/:\/nix\/store\/abc-nixos-system\/sw\/bin$/);
  check(root, ["mount", "chroot"]);

  const other = madeUpRoot("x86_64");
  mkdirSync(join(other, "run/current-system/sw"), { recursive: true });
  renameSync(join(other, "usr/bin"), join(other, "run/current-system/sw/bin"));
  expect(() => check(other, ["mount", "chroot"])).toThrow(
    "it has no mount, chroot. What is below /run/current-system (mount, chroot) does not count: the guest has a /run of its own.",
  );
});
