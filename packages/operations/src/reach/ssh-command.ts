import type { Plan } from "@vm/command-plan";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { sshProgram } from "./guest-keys.js";
import { findReachedGuest } from "./reached-guest.js";
import { configFile, GUEST_HOST } from "./ssh-config.js";
import { ensureMaster } from "./ssh-master.js";
import type { SshRequest } from "../request/request.js";

/** @throws what `findReachedGuest` and `ensureMaster` throw */
export async function sshPlan(request: SshRequest, mode: Mode, host: Host): Promise<Plan> {
  const guest = findReachedGuest(request.guest, host);
  if (mode === "run") await ensureMaster(guest, host);
  const { path, step } = configFile(guest, host);
  const [options, command] = splitSshWords(request.arguments ?? []);
  return [
    step,
    { kind: "exec", argv: [sshProgram("ssh", host.env), "-F", path, ...options, GUEST_HOST, ...command] },
  ];
}

/** ssh's options that have an argument. Source: ssh(1). */
const WITH_ARGUMENT = "BbcDEeFIiJLlmOopPQRSWw";

/** The options of ssh, which stand before the host, and the command, which stands behind it. */
function splitSshWords(words: readonly string[]): [options: readonly string[], command: readonly string[]] {
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? "";
    if (word === "--") return [words.slice(0, at), words.slice(at + 1)];
    if (!/^-./.test(word)) break;
    // Of letters in one word the first that takes an argument takes the rest of the word, or the next one.
    at += new RegExp(`^-[^${WITH_ARGUMENT}]*[${WITH_ARGUMENT}]$`).test(word) ? 2 : 1;
  }
  return [words.slice(0, at), words.slice(at)];
}
