import { closeSync, constants, openSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { codedError, type Plan } from "@vm/command-plan";
import { noFlock, readRegularText, tryLock } from "@vm/host-files";
import { CONFIG_FILE } from "./config.js";
import { loadConfigModule } from "./config-module.js";
import { checkConfigExports, EXPORT_NAMES } from "./config-schema.js";

/** How long a change of a configuration waits for another one: longer than any takes. */
const waitSeconds = 10;

/**
 * Holds off other changes of a VM's configuration. It may run meanwhile: QEMU reads it when it starts. The lock is the kernel's, on the
 * directory itself.
 * @throws VM_BUSY, FLOCK_NOT_FOUND, and what openSync throws
 */
export function lockConfig(directory: string): () => void {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  const answer = tryLock(fd, { seconds: waitSeconds });
  if (answer.state === "taken") return () => closeSync(fd);
  closeSync(fd);
  if (answer.state === "unknown") throw noFlock(answer.cause);
  throw codedError("VM_BUSY", `another command changes ${directory}`, { hint: "Try again when it is done." });
}

/** The text of a VM's config module. @throws what `readRegularText` throws */
export function readConfigText(directory: string): string {
  return readRegularText(join(directory, CONFIG_FILE));
}

/** A new text in the place of the old one, by one rename; behind a link, where that leads. */
export function planConfigText(directory: string, content: string): Plan {
  const file = realpathSync(join(directory, CONFIG_FILE));
  const draft = join(dirname(file), `.${CONFIG_FILE}.new`);
  return [
    { kind: "write-file", path: draft, content, mode: statSync(file).mode & 0o777 },
    { kind: "rename", from: draft, to: file },
  ];
}

/**
 * Whether a file is a config module that a run would take. It is loaded.
 * @param label how errors name it
 * @throws CONFIG_SYNTAX, CONFIG_THREW, CONFIG_TIMEOUT, CONFIG_INVALID
 */
export async function checkConfigFile(file: string, label: string): Promise<void> {
  checkConfigExports(await loadConfigModule({ file, label }, EXPORT_NAMES), label);
}
