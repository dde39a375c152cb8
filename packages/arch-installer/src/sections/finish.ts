import type { Section } from "../section.js";

export function finishSection(): Section {
  return {
    name: "finish",
    title: "Unmount the new system",
    body: ["unmount_new_system"],
  };
}
