import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codedError, execute } from "@vm/command-plan";
import { randomName } from "@vm/host-files";
import { checkConfigFile, lockConfig, planConfigText, readConfigText } from "@vm/vm-store";
import type { Host } from "../host.js";
import type { EditConfigRequest } from "../request/request.js";
import { findVm } from "./change.js";

/** What came of it. */
export type Edited = "changed" | "unchanged";

/**
 * Opens a copy of a VM's configuration in the person's editor ($VISUAL, $EDITOR, vi), and puts it in the place of the old one when a run would
 * take it. Else the old one stays, and so does the copy, whose place the error tells.
 * @throws EDITOR_FAILED, CONFIG_CHANGED_MEANWHILE, and what is wrong with the new one
 */
export async function editConfig({ vm: name }: EditConfigRequest, host: Host): Promise<Edited> {
  const { directory } = findVm(name, host);
  const before = readConfigText(directory);
  // Beside the old one: what it imports is found from there.
  const draft = join(directory, `.edited-${randomName()}.mjs`);
  writeFileSync(draft, before, { mode: 0o600 });
  const editor = host.env["VISUAL"] || host.env["EDITOR"] || "vi";
  // As git and crontab have it: words for a shell, which the file follows.
  const { status, error } = spawnSync("sh", ["-c", `${editor} "$@"`, editor, draft], {
    cwd: directory,
    env: host.env,
    stdio: "inherit",
  });
  const text = readFileSync(draft, "utf8");
  if (error !== undefined || status !== 0) {
    if (text === before) rmSync(draft);
    const where = text === before ? {} : { hint: `What you wrote is in ${draft}.` };
    throw codedError(
      "EDITOR_FAILED",
      `${editor} ended with ${status ?? String(error)}; ${name}/vm.mjs is as it was`,
      where,
    );
  }
  if (text === before) {
    rmSync(draft);
    return "unchanged";
  }
  try {
    await checkConfigFile(draft, `${name}/vm.mjs`);
  } catch (cause) {
    throw draftKept(cause, draft);
  }
  const unlock = lockConfig(directory);
  try {
    if (readConfigText(directory) !== before) {
      throw codedError(
        "CONFIG_CHANGED_MEANWHILE",
        `${name}/vm.mjs was changed by somebody else meanwhile: it stays so`,
        {
          hint: `What you wrote is in ${draft}.`,
        },
      );
    }
    const { failure } = await execute(planConfigText(directory, text));
    if (failure !== undefined) throw draftKept(failure.error, draft);
  } finally {
    unlock();
  }
  rmSync(draft);
  return "changed";
}

function draftKept(error: unknown, draft: string): unknown {
  if (!(error instanceof Error)) return error;
  return Object.assign(error, { hint: `vm.mjs is as it was; what you wrote is in ${draft}.` });
}
