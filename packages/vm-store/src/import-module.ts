/**
 * `import()` of a URL. It stands alone because V8 forgets who may import in code that it takes from a cache: the bundle of the
 * CLI gets this function from the bin, which Node itself loads (apps/cli/build.mjs).
 */
export function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  return import(url);
}
