import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { embeddedCommand, requirementsOf, type Feature, type ShareKind } from "@vm/kernel-build";
import { missingFromKernel } from "../../src/embedded/kernel-facts.js";

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "vm-facts-"));
});
afterEach(() => rmSync(work, { recursive: true }));

/** A kernel whose configuration has all that these features need, but these. */
function kernelWithout(missing: readonly string[], features: readonly Feature[], share: ShareKind = "9p") {
  const wanted = features.flatMap((feature) => requirementsOf(feature, "x86_64", share));
  const lines = wanted.map(({ option }) =>
    missing.includes(option) ? `# ${option} is not set` : `${option}=y`,
  );
  const configFile = join(work, "config");
  writeFileSync(configFile, `${lines.join("\n")}\n`);
  return { image: join(work, "bzImage"), arch: "x86_64", release: "6.1.0", configFile };
}

describe("missingFromKernel", () => {
  const features: readonly Feature[] = [...embeddedCommand, "network"];
  const optionsOfNetwork = requirementsOf("network", "x86_64").map(({ option }) => option);

  test("asks for what a network needs, and only of a guest that has one", () => {
    const all = { kind: "embedded", kernel: kernelWithout([], features), network: "user" } as const;
    expect(missingFromKernel(all)).toBeNull();
    expect(optionsOfNetwork).toEqual(expect.arrayContaining(["CONFIG_INET", "CONFIG_VIRTIO_NET"]));
    for (const option of ["CONFIG_INET", "CONFIG_VIRTIO_NET"]) {
      const kernel = kernelWithout([option], features);
      expect(missingFromKernel({ kind: "embedded", kernel })).toBeNull();
      expect(missingFromKernel({ kind: "embedded", kernel, network: "none" })).toBeNull();
      for (const network of ["user", "isolated"] as const)
        expect(missingFromKernel({ kind: "embedded", kernel, network })).toContain(
          `(${network}): it needs ${option}=y`,
        );
    }
  });

  test.each([
    ["5.14.21", expect.stringContaining("Linux 5.14.21 cannot have its root on virtiofs")],
    ["5.10.0-30-amd64", expect.stringContaining("Linux 5.10.0-30-amd64 cannot have its root on virtiofs")],
    ["5.15.0", null],
    ["6.1.0", null],
  ])("a root on virtiofs of Linux %s without an initramfs", (release, said) => {
    const kernel = { ...kernelWithout([], embeddedCommand, "virtiofs"), release };
    const share = { kind: "virtiofs", daemon: { path: "/virtiofsd", kind: "rust" } } as const;
    expect(missingFromKernel({ kind: "embedded", kernel, share })).toEqual(said);
    // An initramfs mounts it.
    const initrd = join(work, "initrd");
    expect(missingFromKernel({ kind: "embedded", kernel: { ...kernel, initrd }, share }) ?? "").not.toContain(
      release,
    );
  });

  test("asks nothing about virtiofs of a root over 9p", () => {
    const kernel = { ...kernelWithout([], embeddedCommand), release: "5.10.0" };
    expect(missingFromKernel({ kind: "embedded", kernel })).toBeNull();
  });
});
