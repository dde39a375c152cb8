import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";

/** What a workflow is run with. */
export interface CiSetting {
  /** Holds the workspace, which each job finds empty, and what jobs leave for others. */
  readonly place: string;
  /** The repository that is checked out. */
  readonly repository: string;
  readonly env: Readonly<Record<string, string>>;
  /** What stands in the place of a step that takes something from the network; undefined: it is run as it is. */
  readonly replace: (script: string) => string | undefined;
}

/** How a job ended. */
export interface JobEnd {
  /** `run 2`: the second of several. */
  readonly job: string;
  readonly passed: boolean;
  readonly output: string;
}

interface GithubWorkflow {
  readonly jobs: Readonly<Record<string, GithubJob>>;
}

interface GithubJob {
  readonly needs?: string;
  readonly if?: string;
  readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
  readonly steps: readonly GithubStep[];
}

interface GithubStep {
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, boolean | string>>;
}

/** Runs a workflow of GitHub: its jobs one after another, each on a machine of its own, which here is an empty workspace. */
export async function runGithubWorkflow(file: string, setting: CiSetting): Promise<JobEnd[]> {
  const { jobs }: GithubWorkflow = parse(readFileSync(file, "utf8"));
  const ends: JobEnd[] = [];
  for (const [name, job] of Object.entries(jobs)) {
    const hasFailed = ends.some((end) => !end.passed && end.job.split(" ")[0] === job.needs);
    if (hasFailed && job.if !== "always()") continue;
    for (const shard of job.strategy?.matrix.shard ?? [undefined]) {
      const end = await runGithubJob(job, shard, setting);
      ends.push({ job: shard === undefined ? name : `${name} ${shard}`, ...end });
    }
  }
  return ends;
}

async function runGithubJob(
  { steps }: GithubJob,
  shard: number | undefined,
  setting: CiSetting,
): Promise<Omit<JobEnd, "job">> {
  const workspace = emptyWorkspace(setting);
  const environmentFile = join(setting.place, "github-env");
  writeFileSync(environmentFile, "");
  const filled = (text: string): string =>
    text.replaceAll(/\$\{\{ *([^}]*?) *\}\}/g, (_, name) => {
      if (name !== "matrix.shard") throw new Error(`nobody gives \${{ ${String(name)} }}`);
      return String(shard);
    });
  let passed = true;
  let output = "";
  for (const step of steps) {
    if (!passed && step.if !== "always()") continue;
    if (step.uses !== undefined) {
      const words = Object.fromEntries(
        Object.entries(step.with ?? {}).map(([key, value]) => [key, filled(String(value))]),
      );
      useAction(step.uses, words, workspace, setting);
      continue;
    }
    const told = Object.fromEntries(
      readFileSync(environmentFile, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const env = { ...setting.env, ...told, GITHUB_ENV: environmentFile };
    const end = await runScript(filled(step.run ?? ""), ["-e"], workspace, { ...setting, env });
    passed &&= end.passed;
    output += end.output;
  }
  return { passed, output };
}

/** What GitHub's own actions do with files: an artifact has what is below the path that was named, and no empty directories. */
function useAction(
  action: string,
  { name = "", path = ".", pattern }: Readonly<Partial<Record<string, string>>>,
  workspace: string,
  { place, repository }: CiSetting,
): void {
  const store = join(place, "artifacts");
  mkdirSync(store, { recursive: true });
  switch (action) {
    case "actions/checkout@v4":
      cpSync(repository, workspace, { recursive: true });
      return;
    case "actions/upload-artifact@v4": {
      const from = join(workspace, path);
      const isPlace = existsSync(from) && statSync(from).isDirectory();
      const directory = isPlace ? from : dirname(from);
      const isMeant = (file: string): boolean =>
        isPlace ||
        (path.endsWith("*") ? file.startsWith(basename(from).slice(0, -1)) : file === basename(from));
      for (const file of namesIn(directory).filter(isMeant))
        cpSync(join(directory, file), join(store, name, file));
      return;
    }
    case "actions/download-artifact@v4": {
      const prefix = pattern?.replace(/\*$/, "");
      const names = namesIn(store).filter((each) =>
        prefix === undefined ? each === name : each.startsWith(prefix),
      );
      if (prefix === undefined && names.length === 0) throw new Error(`no artifact ${name}`);
      for (const each of names) cpSync(join(store, each), join(workspace, path), { recursive: true });
      return;
    }
    default:
      throw new Error(`nobody knows what ${action} does`);
  }
}

interface GitlabPipeline {
  readonly default: { readonly before_script: readonly string[] };
  readonly stages: readonly string[];
  readonly [job: string]: unknown;
}

interface GitlabJob {
  readonly stage: string;
  readonly script: readonly string[];
  readonly parallel?: number;
  readonly when?: string;
  readonly artifacts: { readonly when?: string; readonly paths: readonly string[] };
}

/** Runs a pipeline of GitLab, likewise. The artifacts of all stages before are there in each job. */
export async function runGitlabPipeline(file: string, setting: CiSetting): Promise<JobEnd[]> {
  const pipeline: GitlabPipeline = parse(readFileSync(file, "utf8"));
  const ends: JobEnd[] = [];
  const store = join(setting.place, "artifacts");
  for (const stage of pipeline.stages) {
    const jobs = Object.entries(pipeline).flatMap(([name, job]) =>
      isGitlabJob(job) && job.stage === stage ? [[name, job] as const] : [],
    );
    const hasFailed = ends.some(({ passed }) => !passed);
    for (const [name, job] of jobs.filter(([, { when }]) => !hasFailed || when === "always")) {
      for (let index = 1; index <= (job.parallel ?? 1); index++) {
        const workspace = emptyWorkspace(setting);
        cpSync(setting.repository, workspace, { recursive: true });
        if (existsSync(store)) cpSync(store, workspace, { recursive: true });
        const env = {
          ...setting.env,
          CI_NODE_INDEX: String(index),
          CI_NODE_TOTAL: String(job.parallel ?? 1),
        };
        // Its words are one script of bash.
        const script = [...pipeline.default.before_script, ...job.script];
        const replaced = script.map((line) => setting.replace(line) ?? line).join("\n");
        const end = await runScript(replaced, ["-e", "-o", "pipefail"], workspace, { ...setting, env });
        ends.push({ job: job.parallel === undefined ? name : `${name} ${index}`, ...end });
        if (!end.passed && job.artifacts.when !== "always") continue;
        for (const path of job.artifacts.paths.filter((each) => existsSync(join(workspace, each))))
          cpSync(join(workspace, path), join(store, path), { recursive: true });
      }
    }
  }
  return ends;
}

function isGitlabJob(value: unknown): value is GitlabJob {
  return typeof value === "object" && value !== null && "stage" in value && "script" in value;
}

function emptyWorkspace({ place }: CiSetting): string {
  const workspace = join(place, "workspace");
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(workspace);
  return workspace;
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).toSorted() : [];
}

async function runScript(
  script: string,
  options: readonly string[],
  cwd: string,
  { env, replace }: CiSetting,
): Promise<Omit<JobEnd, "job">> {
  const child = spawn("bash", [...options, "-c", replace(script) ?? script], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code]: unknown[] = await once(child, "close");
  return { passed: code === 0, output };
}
