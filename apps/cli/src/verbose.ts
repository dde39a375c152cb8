import { tellPrograms } from "@vm/terminal";
import { writeError, writeNotice } from "./output.js";

/** `--verbose` */
export function tellOwnPrograms(): void {
  tellPrograms({ write: writeNotice, endLine: () => writeError("\n") });
}
