import { statSync, symlinkSync, rmSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import {
  fingerprint,
  makeCacheRoom,
  makeDirectory,
  readRegularText,
  runForOutput,
  type ProgramOutput,
} from "@vm/host-files";
import { sayingAgain } from "../long-work.js";
import { aptError } from "./apt-errors.js";

/** Where packages are fetched from, and for which machine. */
export interface AptSource {
  readonly mirror: string;
  readonly keyring: string;
  /** Debian's name of it. */
  readonly arch: string;
  /** vm's cache directory. Absolute. */
  readonly cacheDir: string;
  /** Is told, in one sentence, before something that takes seconds. */
  readonly onWait: (message: string) => void;
  /** Stops apt; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** apt with lists of packages of its own, which neither dpkg nor the apt of this machine knows of. */
export interface AptLists {
  readonly options: readonly string[];
  readonly source: AptSource;
  /** What apt-cache prints. */
  readonly query: (...words: readonly string[]) => Promise<string>;
  /** Where these packages (`NAME=VERSION`) are to be had. */
  readonly locate: (packages: readonly string[]) => Promise<readonly LocatedPackage[]>;
}

/** A file of the mirror, and what its signed list says of it. */
export interface LocatedPackage {
  readonly uri: string;
  /** The file's name. */
  readonly name: string;
  /** `SHA256:...` */
  readonly hash: string;
}

/** Lists that are younger are not asked for again. */
const freshMs = 15 * 60_000;

/**
 * Fetches the lists of these suites, checked by their signatures. `absent`: what a suite is that the mirror has not; `scratch`: an empty directory,
 * with a path of no spaces or commas, that is there for as long as the lists are used.
 * Throws APT_MISSING, FETCH_... and what `makeCacheRoom` throws.
 */
export async function fetchLists(
  source: AptSource,
  {
    suites,
    absent,
    scratch,
  }: {
    readonly suites: readonly string[];
    readonly absent: "an error" | "passed over";
    readonly scratch: string;
  },
): Promise<AptLists> {
  const { mirror, keyring, arch, cacheDir, onWait } = source;
  const state = join(
    makeCacheRoom(cacheDir, "apt"),
    fingerprint([mirror, keyring, arch, absent, ...suites].join("\0")),
  );
  makeDirectory(join(state, "lists/partial"));
  // Of this process alone: two at once share the lists, and nothing that one of them writes before it has the lock.
  const sources = join(scratch, "debian.sources");
  const lists: AptLists = {
    source,
    options: aptOptions(state, sources, arch),
    query: (...words) => printed(["apt-cache", ...lists.options, ...words], source),
    async locate(packages) {
      const apt = ["apt-get", ...lists.options, "download", "--print-uris", ...packages] as const;
      const lines = await printed(apt, source);
      return [...lines.matchAll(/^'([^']+)' (\S+) \d+ (\w+:[\da-f]+)$/gm)].map(
        ([, uri = "", name = "", hash = ""]) => ({ uri, name, hash }),
      );
    },
  };
  // Signed-By is a list between spaces and commas, which the file's own path may have.
  const key = join(scratch, keyring.endsWith(".asc") ? "keyring.asc" : "keyring.gpg");
  symlinkSync(keyring, key);
  const text = `Types: deb\nURIs: ${mirror}\nSuites: ${suites.join(" ")}\nComponents: main\nSigned-By: ${key}\n`;
  writeFileSync(sources, text);
  // Always at the same place: what apt remembers of the lists counts for this file. Nobody empties it while another one reads.
  writeFileSync(join(state, "status"), "", { flag: "a" });
  const stamp = join(state, "fetched");
  if (Date.now() - (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0) < freshMs) return lists;
  const fetching = `fetching the lists of ${suites.join(", ")} from ${mirror}`;
  onWait(fetching);
  const strict = absent === "an error" ? ["-o", "APT::Update::Error-Mode=any"] : [];
  const run = await sayingAgain(
    () => runApt(lists, [...strict, "update"], { cwd: state, lock: join(state, "lock") }),
    (seconds) => onWait(`${fetching} (${seconds} s)`),
  );
  const isFailure = run.status !== 0 && (absent === "an error" || !hasLists(state));
  // An old list goes on to count where the new one is not signed well: apt only warns then. Of several suites that one is passed over.
  const isDoubtful =
    absent === "an error" && /^W: .*(?:GPG|OpenPGP|signature verification)/im.test(run.stderr);
  if (isFailure || isDoubtful) {
    // What is wrong in them would be gone on with.
    rmSync(join(state, "lists"), { recursive: true, force: true });
    throw aptError(run.stderr, `the lists of ${suites.join(", ")} cannot be fetched from ${mirror}`);
  }
  writeFileSync(stamp, "");
  return lists;
}

/** What apt prints, whatever it complains of: what is not in the lists is not printed. */
async function printed(argv: readonly [string, ...string[]], { signal }: AptSource): Promise<string> {
  try {
    return (await runForOutput(argv, { signal })).stdout;
  } catch (error) {
    if (errorCode(error) === "PROGRAM_NOT_FOUND") throw aptMissing(`there is no ${argv[0]}`);
    throw error;
  }
}

function hasLists(state: string): boolean {
  return readdirSync(join(state, "lists")).some((name) => name.includes("_Packages"));
}

/** When the mirror made the lists of a suite, by what is signed; undefined where there are several, or none says so. */
export function dateOfLists({ options }: AptLists): string | undefined {
  const state = options.find((option) => option.startsWith("Dir::State="))?.slice("Dir::State=".length) ?? "";
  const [release, ...others] = readdirSync(join(state, "lists")).filter((name) => name.endsWith("Release"));
  if (release === undefined || others.length > 0) return undefined;
  return /^Date: (.*)$/m.exec(readRegularText(join(state, "lists", release)))?.[1];
}

function aptOptions(state: string, sources: string, arch: string): string[] {
  return [
    `Dir::State=${state}`,
    `Dir::State::status=${join(state, "status")}`,
    `Dir::Cache=${state}`,
    // Containers' apt is told to keep none, and then reads all lists anew at every question.
    "Dir::Cache::pkgcache=pkgcache.bin",
    "Dir::Cache::srcpkgcache=srcpkgcache.bin",
    `Dir::Etc::sourcelist=${sources}`,
    "Dir::Etc::sourceparts=/dev/null",
    "Dir::Etc::preferences=/dev/null",
    "Dir::Etc::preferencesparts=/dev/null",
    `APT::Architecture=${arch}`,
    `APT::Architectures::=${arch}`,
    "APT::Default-Release=",
    // Whatever this machine's own apt is told to let through.
    "Acquire::AllowInsecureRepositories=false",
    "Acquire::AllowWeakRepositories=false",
    "Acquire::AllowDowngradeToInsecureRepositories=false",
    "APT::Get::AllowUnauthenticated=false",
    // A mirror that stands still for a while looks expired; a kernel of last month is a kernel.
    "Acquire::Check-Valid-Until=false",
    "Acquire::Languages=none",
    "Acquire::Retries=2",
    "Acquire::http::Timeout=30",
    "APT::Sandbox::User=root",
    "Debug::NoLocking=1",
  ].flatMap((option) => ["-o", option]);
}

/** Waits for another `vm` that does the same; ends with us. What apt prints goes to standard error. Throws APT_MISSING, FETCH_FAILED. */
export async function runApt(
  { options, source }: AptLists,
  words: readonly string[],
  {
    cwd,
    lock,
    program = "apt-get",
  }: { readonly cwd: string; readonly lock: string; readonly program?: string },
): Promise<{ readonly status: number; readonly stderr: string }> {
  const apt = [program, "-q", ...options, ...words];
  const held = 75;
  const run = (wait: readonly string[]): Promise<ProgramOutput> =>
    runForOutput(["flock", "--no-fork", ...wait, lock, ...apt], {
      cwd,
      env: { ...process.env, LC_ALL: "C.UTF-8" },
      maxBytes: 16 << 20,
      output: "shown",
      signal: source.signal,
    });
  try {
    let { exitCode, stderr } = await run(["--nonblock", "--conflict-exit-code", String(held)]);
    if (exitCode === held) {
      source.onWait("another vm is fetching the same: waiting for it");
      ({ exitCode, stderr } = await run([]));
    }
    if (/failed to execute apt-get|apt-get: No such file/i.test(stderr))
      throw aptMissing("there is no apt-get");
    return { status: exitCode, stderr };
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    if (errorCode(error) === "PROGRAM_NOT_FOUND") throw aptMissing(message);
    if (errorCode(error) === "PROGRAM_STOPPED") throw codedError("FETCH_FAILED", `${program}: ${message}`);
    throw error;
  }
}

function aptMissing(reason: string): Error {
  return codedError("APT_MISSING", `kernels are fetched by apt-get, which cannot be run here: ${reason}`, {
    hint: "Install apt (Fedora and Arch have it too), and debian-archive-keyring or --keyring FILE; or download the packages by hand and name them with -k.",
  });
}
