import { join } from "node:path";

type Program = readonly [program: string, ...first: string[]];

/** Whether program and Node are one file, which then stands where the bin's name does (tools/one-file.cjs). */
const isOneFile = process.argv[1] === process.execPath;

/** How a printed script calls this very `vm`: by the Node and the bin that print it, whatever PATH says then. */
export function ownBin(): Program {
  return isOneFile ? [process.execPath] : [process.execPath, process.argv[1] ?? "vm"];
}

/** The same where its words may name a kernel: KBUILD_OUTPUT says where that of a source tree is, and a script is run in any shell. */
export function ownProgram({ KBUILD_OUTPUT: output = "" }: NodeJS.ProcessEnv): Program {
  return output === "" ? ownBin() : ["env", `KBUILD_OUTPUT=${output}`, ...ownBin()];
}

/** The program that watches over a guest in the background; its argument is a socket. */
export function ownSupervisor(): Program {
  return [
    process.execPath,
    isOneFile ? "--vm-supervisor" : join(import.meta.dirname, "../../bin/supervisor.cjs"),
  ];
}
