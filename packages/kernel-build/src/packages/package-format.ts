import { closeSync, readSync } from "node:fs";
import { basename } from "node:path";
import { codedError } from "@vm/command-plan";
import { openRegular } from "@vm/host-files";

export type PackageFormat = "deb" | "rpm" | "tar";

/** What package a file is, by its first bytes and for an archive of tar (`.pkg.tar.zst`, `make tar-pkg`) also its name; else null. */
export function packageFormat(file: string): PackageFormat | null {
  const head = Buffer.alloc(8);
  const descriptor = openRegular(file);
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  if (head.toString("latin1") === "!<arch>\n") return "deb";
  if (head.readUInt32BE(0) === 0xedabeedb) return "rpm";
  return /\.(?:tar(?:\.\w+)?|tgz|txz)$/.test(basename(file)) ? "tar" : null;
}

export function unreadable(file: string, reason: string): Error {
  return codedError("PACKAGE_UNREADABLE", `${file} cannot be unpacked: ${reason}`, {
    hint: "Is the file complete, and is there space left where the cache is?",
  });
}

/** It goes past a limit: `reason` names it. */
export function tooLarge(file: string, reason: string): Error {
  return codedError("PACKAGE_TOO_LARGE", `${file} is not unpacked: ${reason}`, {
    hint: "No kernel's package is: it is damaged, or made to fill the disk. Unpack it yourself, and name the directory.",
  });
}

/** What a program complained of, without its last word that it did. */
export function complaintIn(stderr: string, program: string, status: number | null): string {
  const lines = stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.includes("Error exit delayed"));
  return lines.at(-1) ?? `${program} ended with ${status}`;
}
