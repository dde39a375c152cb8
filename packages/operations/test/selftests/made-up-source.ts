import { writeFiles } from "../../../kernel-build/test/made-up-tree.js";

/** What installs one program of a target, as lib.mk does. */
const TARGET = `install:
\tmkdir -p $(DIR)
\tprintf '#!/bin/sh\\nexit 0\\n' >$(DIR)/hello
\tchmod +x $(DIR)/hello
`;

/** A kernel source of a few files, with the ways that its make is asked: headers and selftests, out of the tree. */
export function makeSource(directory: string): string {
  writeFiles(directory, {
    Kconfig: "",
    "scripts/Kconfig.include": "",
    Makefile: `headers:
\t! test -e .config
\tmkdir -p $(O)/usr/include
\techo made >$(O)/usr/include/made.h
`,
    ".config": "CONFIG_X=y\n",
    "usr/include/Makefile": "",
    "include/uapi/linux/a.h": "",
    "include/generated/autoconf.h": "",
    "arch/Kconfig": "",
    "arch/x86/include/uapi/asm/a.h": "",
    "arch/x86/include/generated/made.h": "",
    "tools/testing/selftests/Makefile": `install:
\ttest -e $(O)/usr/include/made.h
\ttouch written
\tmkdir -p $(KSFT_INSTALL_PATH)
\ttouch $(KSFT_INSTALL_PATH)/kselftest-list.txt
\tfor t in $(TARGETS); do \\
\t  $(MAKE) -C $$t DIR=$(KSFT_INSTALL_PATH)/$$t install || exit; \\
\t  (cd $(KSFT_INSTALL_PATH)/$$t 2>/dev/null && for p in *; do echo "$$t:$$p"; done) >>$(KSFT_INSTALL_PATH)/kselftest-list.txt || :; \\
\tdone
\ttrue
`,
    "tools/testing/selftests/size/Makefile": TARGET,
    "tools/testing/selftests/size/config": "CONFIG_ONE=y\nCONFIG_TWO=m\n# CONFIG_THREE is not set\n",
    "tools/testing/selftests/net/lib/Makefile": TARGET,
    "tools/testing/selftests/empty/Makefile": "install:\n\ttrue\n",
    "tools/testing/selftests/broken/Makefile": "install:\n\tno-such-compiler x.c\n",
    "tools/testing/selftests/slow/Makefile": "install:\n\ttouch $(BEGUN)\n\tsleep 600\n",
  });
  return directory;
}
