import { codedError } from "@vm/command-plan";

/** What apt complained of, as one error. `doing`: the sentence's beginning. */
export function aptError(stderr: string, doing: string): Error {
  const lines = stderr.split("\n").filter((line) => /^(?:E|W|Err)\b/.test(line));
  const reason = (pattern: RegExp): string =>
    (lines.find((line) => pattern.test(line)) ?? lines.at(-1) ?? "apt-get failed")
      .replace(/^[EW]: /, "")
      .trim();
  for (const { pattern, code, what, hint } of causes) {
    if (pattern.test(stderr)) return codedError(code, `${doing}: ${what}: ${reason(pattern)}`, { hint });
  }
  return codedError("FETCH_FAILED", `${doing}: ${reason(/^E:/)}`, { hint: "What apt-get said is above." });
}

/** In the order in which they are looked for: what is wrong first makes what comes later. */
const causes = [
  {
    pattern:
      /No space left on device|Disk quota exceeded|not enough free space|don't have enough free space/i,
    code: "FETCH_DISK_FULL",
    what: "the disk is full",
    hint: "Make room and run the same command again: whole packages are not downloaded twice.",
  },
  {
    pattern:
      /NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|is not signed|signatures? (?:couldn't|were|was|could not)|signature verification|sqv returned|gpgv|Clearsigned file isn't valid/i,
    code: "FETCH_SIGNATURE_INVALID",
    what: "its signature is not good",
    hint: "Nothing was taken. Is it a mirror of Debian, and is debian-archive-keyring as new as the suite? --keyring FILE names other keys.",
  },
  {
    pattern: /Hash Sum mismatch|unexpected size|Mirror sync in progress/i,
    code: "FETCH_CHECKSUM_WRONG",
    what: "what came is not what the signed list says",
    hint: "Nothing was taken. The mirror may be just changing, or something between changes what it sends: try again, or name another --mirror.",
  },
  {
    pattern:
      /Could not resolve|Temporary failure resolving|Could not connect|Unable to connect|Cannot initiate the connection|Connection (?:refused|reset|timed out|failed)|Network is unreachable|No route to host|Certificate verification failed|Could not handshake|Connection closed/i,
    code: "FETCH_NO_CONNECTION",
    what: "the mirror cannot be reached",
    hint: "Is there a network, and does it want a proxy (http_proxy)? --mirror names another one.",
  },
  {
    pattern: /does not have a Release file|no longer has a Release file|File not found|404 +Not Found/i,
    code: "FETCH_SUITE_UNKNOWN",
    what: "there is no such suite",
    hint: "stable, testing, sid, experimental, trixie, trixie-backports... are suites of Debian. Those of security are an archive of their own: --mirror URL/debian-security.",
  },
] as const;
