/** How a printed script calls this very `vm`: by the Node and the bin that print it, whatever PATH says then. */
export function ownBin(): [program: string, bin: string] {
  return [process.execPath, process.argv[1] ?? "vm"];
}
