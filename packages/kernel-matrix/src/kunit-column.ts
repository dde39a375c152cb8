import type { TestColumn } from "./result.js";

/**
 * Loads every module that has tests of KUnit; those that are built in have run by then. Modules are those of the kernel's
 * index; the name of the section that holds the tests is in each of them (include/kunit/test.h). Of a compressed module
 * only the name is looked at first: a distribution has thousands.
 */
const LOAD_MODULES = `directory=/lib/modules/$(uname -r)
[ -r "$directory/modules.dep" ] || exit 0
status=0
found=$(cut -d: -f1 "$directory/modules.dep" | while IFS= read -r file; do
  case $file in
    *kunit*.ko.xz | *test*.ko.xz) xz -dc "$directory/$file" ;;
    *kunit*.ko.zst | *test*.ko.zst) zstd -qdc "$directory/$file" ;;
    *kunit*.ko.gz | *test*.ko.gz) gzip -dc "$directory/$file" ;;
    *.ko) cat "$directory/$file" ;;
    *) : ;;
  esac | grep -qF .kunit_test_suites || continue
  file=\${file##*/}
  echo "\${file%%.ko*}"
done)
for module in $found; do
  modprobe "$module" || { status=1; echo "vm: the module $module, which has tests, cannot be loaded" >&2; }
done
exit "$status"
`;

/**
 * The kernel's own unit tests, by what they write to its console: there it is whole even where one of them panics.
 *
 * @param glob what `kunit.filter_glob` takes (lib/kunit/executor.c)
 */
export function kunitColumn(glob: string): TestColumn {
  const suite = glob === "*" ? "kunit" : `kunit:${glob}`;
  return {
    name: suite,
    suite,
    command: Buffer.from(LOAD_MODULES),
    file: null,
    results: { from: "console", header: "wanted" },
    // Elsewhere tests are off by KUNIT_DEFAULT_ENABLED=n, if they are built in at all.
    parameters: ["kunit.enable=1", ...(glob === "*" ? [] : [`kunit.filter_glob=${glob}`])],
  };
}
