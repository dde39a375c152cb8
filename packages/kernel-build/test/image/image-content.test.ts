import { describe, expect, test, vi } from "vitest";
import { readImage } from "../../src/index.js";
import { compress, compressorNames as names, makeBzImage, makeKernel, makeZboot } from "../packed-image.js";

const config = "#\n# Automatically generated\n#\nCONFIG_X86_64=y\nCONFIG_NET_9P=m\n";
const release = "6.12.3-test+";
const kernel = makeKernel({ release, config });

describe("readImage", () => {
  test("finds configuration and release in a kernel that is not packed", () => {
    expect(readImage(kernel)).toEqual({ config, release });
  });

  test.each(names)("in a bzImage packed with %s", (compressor) => {
    expect(readImage(makeBzImage(kernel, compressor, release))).toEqual({ config, release });
  });

  test.each(names)("in a kernel packed as a whole with %s, as Image.gz is", (compressor) => {
    expect(readImage(compress(kernel, compressor))).toEqual({ config, release });
  });

  test.each(["gzip", "zstd", "xz"] as const)("in an EFI zboot image packed with %s", (compressor) => {
    expect(readImage(makeZboot(kernel, compressor))).toEqual({ config, release });
  });

  test("somewhere behind a loader that no header describes, past what only looks packed", () => {
    const loader = Buffer.concat([
      Buffer.alloc(5000, 0x42),
      Buffer.from([0x1f, 0x8b, 0x08, 0xff, 0x5d, 0, 0, 9]),
    ]);
    expect(readImage(Buffer.concat([loader, compress(kernel, "gzip"), Buffer.alloc(99)]))).toEqual({
      config,
      release,
    });
  });

  test("tells the release where there is no configuration", () => {
    const without = makeKernel({ release });
    expect(readImage(without)).toEqual({ config: null, release });
    expect(readImage(makeBzImage(without, "xz", release))).toEqual({ config: null, release });
    expect(readImage(compress(without, "gzip"))).toEqual({ config: null, release });
  });

  test("says which program is missing", () => {
    const image = makeBzImage(kernel, "zstd", release);
    vi.stubEnv("PATH", "/nowhere");
    try {
      expect(readImage(image)).toEqual({
        config: null,
        release,
        missing: { format: "zstd", program: "zstd" },
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("#!/bin/sh\necho no kernel\n".repeat(100))],
    ["a bzImage that was cut off", makeBzImage(kernel, "gzip", release).subarray(0, 3000)],
    ["IKCFG_ST with no configuration behind it", Buffer.from("IKCFG_ST no IKCFG_ED")],
  ])("finds none in %s", (_, bytes) => {
    expect(readImage(bytes).config).toBeNull();
  });
});
