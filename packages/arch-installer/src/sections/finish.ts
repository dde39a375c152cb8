import type { Section } from "../section.js";
import { command } from "../shell-text.js";
import { WORK_DIRECTORY } from "../work-directory.js";

export function finishSection(): Section {
  return {
    name: "finish",
    title: "Unmount the new system",
    body: ["umount --recursive /mnt", command("rm", "--recursive", "--force", WORK_DIRECTORY)],
  };
}
