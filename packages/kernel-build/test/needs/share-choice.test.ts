import { describe, expect, test } from "vitest";
import { checkConfig, chooseShare, initramfsOptions, type ShareQuestion } from "../../src/index.js";

const NINE_P = { CONFIG_NET_9P: "y", CONFIG_NET_9P_VIRTIO: "y", CONFIG_9P_FS: "y" };
const VIRTIOFS = { CONFIG_FUSE_FS: "y", CONFIG_VIRTIO_FS: "y" };
const MODULES = { CONFIG_FUSE_FS: "m", CONFIG_VIRTIO_FS: "m" };

type Build = ShareQuestion["build"];

function choice(
  build: Partial<Build>,
  { requested = "auto", root = "own", daemon = true }: Partial<ShareQuestion> & { daemon?: boolean } = {},
): string {
  const asked = { configFile: "/c", modules: "built", options: {}, release: "6.1.0", ...build } as const;
  const { way, reason } = chooseShare({ build: asked, requested, root, hasVirtiofsd: () => daemon });
  return reason === undefined ? way : `${way}: ${reason}`;
}

describe("files are shared", () => {
  test("over 9p by every kernel that has it, built in or as modules", () => {
    expect(choice({ options: { ...NINE_P, ...VIRTIOFS } })).toBe("9p");
    expect(choice({ options: { ...NINE_P, CONFIG_9P_FS: "m", ...VIRTIOFS } })).toBe("9p");
    expect(choice({ options: NINE_P, release: "6.10.1" })).toBe("9p");
  });

  test.each(Object.keys(NINE_P))("over virtiofs by a kernel without %s", (option) => {
    const { [option]: _, ...options }: Record<string, string> = { ...NINE_P, ...MODULES };
    expect(choice({ options })).toBe(`virtiofs: the kernel has no 9p (${option} is not set)`);
    expect(choice({ options }, { daemon: false })).toMatch(/^virtiofs/);
  });

  test("over virtiofs by a kernel whose 9p is a module that was not built", () => {
    const options = { ...NINE_P, CONFIG_9P_FS: "m", ...VIRTIOFS };
    expect(choice({ options, modules: "absent" })).toBe(
      "virtiofs: the kernel has no 9p (CONFIG_9P_FS is m, and there are no modules)",
    );
  });

  test("never over what the kernel lacks: with neither it is 9p, whose options are then named", () => {
    expect(choice({ options: { CONFIG_FUSE_FS: "y" } })).toBe("9p");
    expect(choice({ options: MODULES, modules: "absent" })).toBe("9p");
    expect(choice({ options: VIRTIOFS, release: "5.14.3" }, { root: "shared" })).toBe("9p");
    expect(choice({ options: VIRTIOFS, release: "5.14.3" })).toMatch(/^virtiofs/);
    expect(choice({ options: MODULES, release: "5.14.3" }, { root: "shared" })).toMatch(/^virtiofs/);
    expect(choice({ options: VIRTIOFS, release: "5.15.0" }, { root: "shared" })).toMatch(/^virtiofs/);
    const unknown = { options: {}, modules: "absent", release: "6.1.0" } as const;
    const question = { build: unknown, requested: "auto", root: "shared", hasVirtiofsd: () => true } as const;
    expect(chooseShare(question)).toEqual({ way: "9p" });
  });

  test.each(["6.9.0-rc1", "6.10.14", "6.11.0-arch1"])(
    "over virtiofs by Linux %s, whose 9p is broken",
    (release) => {
      const options = { ...NINE_P, ...VIRTIOFS };
      expect(choice({ options, release })).toBe(
        `virtiofs: 9p is known to be broken in Linux 6.9 to 6.11, and this is ${release}`,
      );
      expect(choice({ options, release }, { daemon: false })).toBe("9p");
    },
  );

  test("as the person says, whatever the kernel has", () => {
    expect(choice({ options: NINE_P }, { requested: "virtiofs" })).toBe("virtiofs");
    expect(choice({ options: VIRTIOFS, release: "6.10.0" }, { requested: "9p" })).toBe("9p");
  });
});

function kernel(options: Record<string, string>, release = "6.1.0") {
  return { arch: "x86_64", modules: "built", options, release } as const;
}

describe("the check of a configuration, where files are shared over virtiofs,", () => {
  const initramfs = Object.fromEntries(initramfsOptions.map(({ option }) => [option, "y"]));
  const good = { CONFIG_VIRTIO_PCI: "y", CONFIG_TMPFS: "y", ...initramfs, ...VIRTIOFS };

  test("asks for virtiofs and not for 9p, broken or not", () => {
    expect(checkConfig(kernel(good, "6.10.0"), ["modules"], { share: "virtiofs" })).toEqual([]);
  });

  test.each(Object.keys(VIRTIOFS))("names exactly %s when that is off", (option) => {
    const { [option]: _, ...rest }: Record<string, string> = good;
    expect(checkConfig(kernel(rest), ["modules"], { share: "virtiofs" })).toEqual([
      expect.objectContaining({ code: "CONFIG_NOT_SET", option }),
    ]);
    const modules = checkConfig(kernel({ ...good, [option]: "m" }), ["modules"], { share: "virtiofs" });
    expect(modules).toEqual([expect.objectContaining({ code: "CONFIG_IS_MODULE", option })]);
  });

  test("a kernel with broken 9p is told of virtiofs", () => {
    const hints = [good, { CONFIG_FUSE_FS: "y" }].map((options) => {
      const warnings = checkConfig(kernel({ ...NINE_P, ...options }, "6.11.2"), ["modules"]);
      return warnings.find(({ code }) => code === "NINE_P_BROKEN")?.hint;
    });
    expect(hints[0]).toContain("--share virtiofs");
    expect(hints[1]).toContain("Set CONFIG_VIRTIO_FS=y for virtiofs");
  });
});
