import { errorCode } from "@vm/command-plan";
import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { cacheRoom, makeCacheRoom, readRegularText, withDraft } from "@vm/host-files";

/** Whether a guest really ran under KVM on this host. `reason` says how it failed. */
export type KvmTrial = { readonly works: true } | { readonly works: false; readonly reason: string };

export interface KvmTrialQuestion {
  /** Absolute path of the QEMU that will run the guest. */
  readonly qemu: string;
  /** QEMU's name of the guest's architecture. Only x86 guests can be tried. */
  readonly guestArch: string;
  /** The directory for caches, for example `~/.cache/vm`. */
  readonly cacheDir: string;
}

/** The instructions of the trial's firmware end QEMU with this status, through `isa-debug-exit` (value << 1 | 1). */
const SUCCESS = 0x21;
const ROM_SIZE = 65_536;
const roomName = "kvm-trial";

/** The last answer of {@link tryKvm} since the host was booted, or undefined. Reads one file, starts nothing. */
export function readKvmTrial(question: KvmTrialQuestion): KvmTrial | undefined {
  try {
    const found: unknown = JSON.parse(readRegularText(verdictPath(question)));
    return isRecord(found) && found.key === verdictKey(question) ? found.trial : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs a guest of three instructions under KVM, as `-cpu host`, and answers whether it came to its end within
 * `timeoutMs`: neither an open `/dev/kvm` nor a processor flag proves that. About 0.1 s where KVM works; the answer is
 * kept in `cacheDir` until the host boots again or QEMU changes. Undefined for architectures that cannot be tried.
 */
export function tryKvm(
  question: KvmTrialQuestion,
  { timeoutMs = 5000 }: { readonly timeoutMs?: number } = {},
): KvmTrial | undefined {
  if (question.guestArch !== "x86_64" && question.guestArch !== "i386") return undefined;
  const kept = readKvmTrial(question);
  if (kept !== undefined) return kept;
  try {
    return withDraft(makeCacheRoom(question.cacheDir, roomName), (draft) => {
      const rom = join(draft, "rom");
      writeFileSync(rom, firmware());
      const trial = runTrial(question.qemu, rom, timeoutMs);
      writeFileSync(join(draft, "verdict"), JSON.stringify({ key: verdictKey(question), trial }));
      renameSync(join(draft, "verdict"), verdictPath(question));
      return trial;
    });
  } catch {
    return undefined; // Nowhere to write: the facts alone must do.
  }
}

function runTrial(qemu: string, rom: string, timeoutMs: number): KvmTrial {
  const argv = [
    "-nodefaults",
    "-no-user-config",
    "-display",
    "none",
    "-accel",
    "kvm",
    "-cpu",
    "host",
    "-m",
    "16M",
  ];
  argv.push("-machine", "pc", "-bios", rom, "-device", "isa-debug-exit,iobase=0x501,iosize=1");
  // Loaded here, because it takes milliseconds, and a dry run never comes here.
  // From /, so that an abort leaves no core file in a directory of the person's.
  const run = spawnSync(qemu, argv, {
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    encoding: "utf8",
  });
  if (run.status === SUCCESS) return { works: true };
  if (errorCode(run.error) === "ETIMEDOUT") {
    return { works: false, reason: `no instruction was run within ${timeoutMs / 1000} s` };
  }
  const line = (run.stderr ?? "")
    .split("\n")
    .find((text) => text.includes("error") || text.includes("failed"));
  const ending = run.signal === null ? `QEMU exited with status ${run.status}` : `QEMU died of ${run.signal}`;
  return {
    works: false,
    reason: line === undefined ? ending : line.replace(/^\S*qemu-system-\S*: /, "").trim(),
  };
}

/** A 64 KiB firmware whose reset vector (16 bytes before its end) writes to the debug port: `out 0x501, 0x10`. */
function firmware(): Buffer {
  const rom = Buffer.alloc(ROM_SIZE, 0xf4);
  rom.set([0xba, 0x01, 0x05, 0xb0, 0x10, 0xee, 0xf4, 0xeb, 0xfd], ROM_SIZE - 16);
  return rom;
}

/** One for each host: hosts that share a cache would else take each other's place, and try again at every start. */
function verdictPath({ cacheDir, guestArch }: KvmTrialQuestion): string {
  const host = hostname().replaceAll(/[^\w.-]/g, "_");
  return join(cacheRoom(cacheDir, roomName), `${guestArch}@${host}.json`);
}

/** A new boot may bring another kernel or another KVM module; a new QEMU may set other registers. */
function verdictKey({ qemu }: KvmTrialQuestion): string {
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${bootId} ${statSync(qemu).mtimeMs} ${qemu}`;
}

function isRecord(value: unknown): value is { readonly key: string; readonly trial: KvmTrial } {
  if (typeof value !== "object" || value === null || !("key" in value) || !("trial" in value)) return false;
  const { trial } = value;
  return typeof trial === "object" && trial !== null && "works" in trial && typeof trial.works === "boolean";
}
