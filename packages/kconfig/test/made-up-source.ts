import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory of its own for a test, with a blank and a comma in its name. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "vm kconfig, "));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files by their paths below `directory`. */
export function writeFiles(directory: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return directory;
}

/** A made-up kernel source: Kconfig files, and a Makefile whose `olddefconfig` drops the option BROKEN. */
export function makeSource(files: Readonly<Record<string, string>> = {}): string {
  return writeFiles(join(temporaryDirectory(), "linux"), {
    Kconfig: kconfig,
    "scripts/Kconfig.include": "comma := ,\n",
    "arch/x86/Kconfig": "config X86\n\tdef_bool y\n",
    Makefile: makefile,
    ...files,
  });
}

const kconfig = `
source "scripts/Kconfig.include"
source "arch/$(SRCARCH)/Kconfig"

config BROKEN
	bool "Never taken"
	depends on NEVER

config NEVER
	bool
`;

const makefile = `
KCONFIG_CONFIG ?= .config
OUT := $(if $(O),$(O)/,)
.PHONY: defconfig olddefconfig
defconfig:
	printf '# Linux/%s 6.1.0 Kernel Configuration\\nCONFIG_X86=y\\nCONFIG_FROM_DEFCONFIG=y\\n' '$(or $(ARCH),x86)' > '$(KCONFIG_CONFIG)'
olddefconfig:
	@test ! -t 0
	cp '$(KCONFIG_CONFIG)' '$(KCONFIG_CONFIG).old'
	sed -i '/CONFIG_BROKEN=/d' '$(KCONFIG_CONFIG)'
	$(if $(FAIL),false)
`;
