import type { Section } from "../section.js";

export function fstabSection(): Section {
  return {
    name: "write_fstab",
    title: "Write /etc/fstab",
    body: ["genfstab -U /mnt >> /mnt/etc/fstab"],
  };
}
