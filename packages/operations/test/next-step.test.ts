import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doctorFindings } from "../src/doctor-advice.js";
import { nextStep } from "../src/next-step.js";

test("an error of the cache says which variable moves it, after its own hint", () => {
  expect(nextStep({ code: "CACHE_UNUSABLE" })).toBe("Set VM_CACHE_HOME to another directory.");
  expect(nextStep({ code: "DISK_FULL", hint: "Make room in /iso." })).toMatch(
    /^Make room in .*VM_CACHE_HOME/,
  );
  expect(nextStep({ code: "VM_EXISTS", hint: "Remove it." })).toBe("Remove it.");
  expect(nextStep({})).toBeUndefined();
});

test("an error that vm doctor explains ends with it, and with the kernel where one was named; a warning does not", () => {
  const failure = { code: "QEMU_NOT_FOUND", hint: "Install it." };
  expect(nextStep(failure)).toBe("Install it.");
  expect(nextStep(failure, [])).toBe("Install it. `vm doctor` tells what this machine lacks.");
  expect(nextStep(failure, ["my kernels/one"])).toBe(
    "Install it. `vm doctor -k 'my kernels/one'` tells what this machine lacks.",
  );
  // It looks at one kernel; of several nobody knows which.
  expect(nextStep(failure, ["a", "b"])).toBe("Install it. `vm doctor` tells what this machine lacks.");
  expect(nextStep({ code: "DRIVER_MISSING" }, ["a", "b"])).toBeUndefined();
  expect(nextStep({ code: "DRIVER_MISSING" }, ["a"])).toContain("`vm doctor -k a`");
  for (const code of ["VM_EXISTS", "toString"]) expect(nextStep({ code }, ["a"])).toBeUndefined();
});

test("of every error about something that is missing or cannot be used it is known whether vm doctor explains it", () => {
  const unexplained = [
    // What one command alone wants.
    "APT_MISSING BASH_MISSING CROSS_COMPILER_MISSING HOST_UNUSABLE SLURM_NOT_FOUND SSHFS_NOT_FOUND",
    // What the person has named, or what is made by a build.
    "CONFIG_NOT_FOUND DISK_MISSING DISK_NOT_FOUND FRAGMENT_NOT_FOUND KCONFIG_NOT_FOUND KERNEL_CONFIG_NOT_FOUND KERNEL_NOT_FOUND",
    "KEYRING_MISSING MERGE_BASE_NOT_FOUND MODULES_INDEX_MISSING MODULES_MISSING MODULE_MISSING PACKAGE_PARTS_MISSING",
    "FETCH_KERNEL_INCOMPLETE QEMU_ARGUMENT_MISSING ROOT_UNUSABLE SNAPSHOT_NOT_FOUND VMLINUX_NOT_FOUND VM_NOT_FOUND",
    // Of one VM or tree, or of how a guest was started.
    "CONFIG_UNTRUSTED TREE_CONFIG_UNTRUSTED SOURCE_UNTRUSTED GDB_STUB_MISSING SSH_MASTER_MISSING KEYS_UNUSABLE",
  ].flatMap((line) => line.split(" "));
  const codes = new Set(
    ownSources().flatMap(
      (file) =>
        readFileSync(file, "utf8").match(
          /(?<=")[A-Z\d_]+_(?:NOT_FOUND|MISSING|UNUSABLE|UNTRUSTED|FULL|DYNAMIC|INCOMPLETE)(?=")/g,
        ) ?? [],
    ),
  );
  expect(codes.size).toBeGreaterThan(40);
  expect([...codes].filter((code) => !Object.hasOwn(doctorFindings, code)).toSorted()).toEqual(
    unexplained.toSorted(),
  );
  // And no code of the table is gone.
  const text = ownSources()
    .filter((file) => !file.endsWith("doctor-advice.ts"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  expect(Object.keys(doctorFindings).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
});

/** All sources of the packages. */
function ownSources(): string[] {
  const packages = join(import.meta.dirname, "../..");
  return readdirSync(packages).flatMap((name) =>
    readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(packages, name, "src", file)),
  );
}

test("no package below names the variable: where the cache is, they are told", () => {
  const packages = join(import.meta.dirname, "../..");
  const sources = readdirSync(packages)
    // A manual page tells what there is.
    .filter((name) => name !== "operations" && name !== "command-guide")
    .flatMap((name) =>
      readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(packages, name, "src", file)),
    );
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((file) => readFileSync(file, "utf8").includes("VM_CACHE_HOME"))).toEqual([]);
});
