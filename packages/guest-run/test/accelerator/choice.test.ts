import { expect, test } from "vitest";
import { chooseAccelerator, parseAcceleratorRequest, type AcceleratorFacts } from "@vm/guest-run";

const good: AcceleratorFacts = { hostArch: "x86_64", device: "opens", cpuFlag: "present" };
const failed = { works: false, reason: "no instruction was run within 5 s" } as const;

test("auto takes KVM when nothing speaks against it, and says nothing", () => {
  expect(chooseAccelerator({ requested: "auto", guestArch: "x86_64", facts: good })).toEqual({
    accelerator: "kvm",
  });
  expect(
    chooseAccelerator({ requested: "auto", guestArch: "i386", facts: good, trial: { works: true } }),
  ).toEqual({ accelerator: "kvm" });
  const arm: AcceleratorFacts = { hostArch: "aarch64", device: "opens", cpuFlag: "unknown" };
  expect(chooseAccelerator({ requested: "auto", guestArch: "aarch64", facts: arm })).toEqual({
    accelerator: "kvm",
  });
});

test.each([
  ["there is no device", { ...good, device: "missing" }, "x86_64", undefined, "there is no /dev/kvm"],
  ["it may not be opened", { ...good, device: "denied" }, "x86_64", undefined, "the group kvm"],
  ["it does not open", { ...good, device: "broken" }, "x86_64", undefined, "/dev/kvm does not open"],
  ["the processor has no flag", { ...good, cpuFlag: "absent" }, "x86_64", undefined, "neither vmx nor svm"],
  ["the guest is foreign", good, "aarch64", undefined, "the guest is aarch64, the host x86_64"],
  ["the trial failed", good, "x86_64", failed, "a trial of it failed (no instruction was run within 5 s)"],
] as const)("auto falls back to TCG and says why when %s", (_, facts, guestArch, trial, reason) => {
  const choice = chooseAccelerator({ requested: "auto", guestArch, facts, trial });
  expect(choice.accelerator).toBe("tcg");
  expect(choice.reason).toContain(reason);
  expect(choice.reason).not.toContain("\n");
});

test("kvm, asked for, is an error where it cannot work", () => {
  for (const facts of [
    { ...good, device: "missing" },
    { ...good, device: "denied" },
  ] as const) {
    expect(() => chooseAccelerator({ requested: "kvm", guestArch: "x86_64", facts })).toThrow(
      expect.objectContaining({ code: "KVM_UNUSABLE", hint: expect.stringContaining("--accel tcg") }),
    );
  }
  expect(() =>
    chooseAccelerator({ requested: "kvm", guestArch: "x86_64", facts: good, trial: failed }),
  ).toThrow("KVM was asked for and cannot be used: a trial of it failed");
});

test("kvm, asked for, does not need the processor's flag, and tcg needs nothing", () => {
  const hidden: AcceleratorFacts = { ...good, cpuFlag: "absent" };
  expect(chooseAccelerator({ requested: "kvm", guestArch: "x86_64", facts: hidden }).accelerator).toBe("kvm");
  expect(chooseAccelerator({ requested: "tcg", guestArch: "x86_64", facts: good })).toEqual({
    accelerator: "tcg",
  });
});

test("A request is one of three words", () => {
  expect(parseAcceleratorRequest("tcg", "--accel")).toBe("tcg");
  expect(() => parseAcceleratorRequest("hvf", "VM_ACCEL")).toThrow(
    "VM_ACCEL: expected auto, kvm or tcg, got 'hvf'.",
  );
});
