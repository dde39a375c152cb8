import type { Section } from "../section.js";

export function finishSection(): Section {
  return {
    name: "finish",
    title: "Unmount the new system",
    body: ["umount --recursive /mnt"],
  };
}
