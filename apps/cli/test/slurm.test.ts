import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, type Sandbox } from "./vm.js";

/** Programs of a Slurm that says these things; the real one is in e2e/test/cluster.test.ts. */
interface SaidBySlurm {
  readonly version?: string;
  readonly maxArraySize?: number;
  /** sh: what sbatch does when it is to submit something. */
  readonly submission?: string;
  /** sh: squeue. */
  readonly queue?: string;
  /** sh: `scontrol show job`. */
  readonly job?: string;
}

/** PATH with them in front; each writes its words into `slurm.log`. */
function madeSlurm(box: Sandbox, said: SaidBySlurm = {}): { PATH: string } {
  const { version = "22.05.8", maxArraySize = 1001, submission = "echo 77" } = said;
  const { queue = "exit 0", job = "exit 0" } = said;
  const directory = join(box.root, "slurm");
  mkdirSync(directory, { recursive: true });
  const programs = {
    sbatch: `if [ "$1" = --version ]; then echo slurm-wlm ${version}; exit; fi\n${submission}`,
    scontrol: `if [ "$2" = config ]; then echo "MaxArraySize            = ${maxArraySize}"; exit; fi\n${job}`,
    squeue: queue,
    scancel: "exit 0",
  };
  for (const [name, text] of Object.entries(programs)) {
    const log = `printf '%s\\n' ${name} "$@" >>'${join(box.root, "slurm.log")}'`;
    writeFileSync(join(directory, name), `#!/bin/sh\n${log}\n${text}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return { PATH: `${directory}:${process.env["PATH"]}` };
}

/** The words of the submissions until now, but for what each run draws anew. */
function submissions(box: Sandbox): string[] {
  return readFileSync(join(box.root, "slurm.log"), "utf8")
    .replaceAll(/vm-test-[0-9a-f]{12}/g, "NAME")
    .split(/^(?=sbatch$)/m)
    .filter((words) => words.includes("--array"))
    .map((words) => words.replace(/cells\.sh\n[^]*/, "cells.sh"));
}

const matrix = [
  "-k",
  "linux",
  "--exec",
  "true",
  "--exec",
  "exit 1",
  "--timeout",
  "90",
  "-c",
  "2",
  "-m",
  "2G",
];

test("what Slurm refuses, lacks or does not answer is one sentence, and leaves nothing behind", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const bare = join(box.root, "bare");
  mkdirSync(bare);
  symlinkSync("/bin/sh", join(bare, "sh"));
  const cases: readonly (readonly [PATH: string, said: string])[] = [
    [bare, "there is no sbatch in PATH: this machine cannot reach Slurm"],
    [madeSlurm(box, { version: "20.11.9" }).PATH, "this is Slurm 20.11; vm needs 22.05 or newer"],
  ];
  for (const [PATH, said] of cases) {
    const { code, stdout, stderr } = await box.vmWith({ PATH }, "test", ...matrix, "--on", "slurm");
    expect([code, stdout, stderr]).toEqual([249, "", expect.stringContaining(said)]);
  }
  const refusal =
    'echo "sbatch: error: invalid partition specified: nope" >&2; echo "sbatch: error: Batch job submission failed: Invalid partition name specified" >&2; exit 1';
  const refused = await box.vmWith(
    madeSlurm(box, { submission: refusal }),
    "test",
    ...matrix,
    "--on",
    "slurm:nope",
  );
  expect(refused).toMatchObject({
    code: 249,
    stderr: expect.stringContaining(
      "Slurm refused the cells: Batch job submission failed: Invalid partition name specified",
    ),
  });
  const silent = madeSlurm(box, { version: "24.11.5" });
  writeFileSync(
    join(box.root, "slurm/scontrol"),
    "#!/bin/sh\necho 'slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)' >&2; exit 1\n",
  );
  expect(await box.vmWith(silent, "test", ...matrix, "--on", "slurm")).toMatchObject({
    code: 249,
    stderr: expect.stringContaining("Slurm does not answer: Unable to contact slurm controller"),
  });
  expect(readdirSync(box.cwd)).toEqual(["linux"]);
}, 60_000);

test("what is asked of Slurm is what the request says, and the dry run's script asks for the same", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const slurm = madeSlurm(box);
  const words = ["test", ...matrix, "--on", "slurm:gpu,cpu", "-j", "3", "--plan", "a plan", "--detach"];
  const script = await box.vmWith(slurm, ...words, "-n");
  expect(script.code).toBe(0);
  expect(readdirSync(box.cwd)).toEqual(["linux"]);
  const { code, stdout, stderr } = await box.vmWith(slurm, ...words);
  expect([code, stdout]).toEqual([0, "77\n"]);
  expect(stderr).toContain("2 cells submitted as job 77");
  expect(stderr).toContain(`vm test --collect '${join(box.cwd, "a plan")}' --wait`);
  const [asked = ""] = submissions(box);
  // 90 s for the command, 900 s to begin, 300 s of vm's own are 21.5 minutes.
  const options =
    "--parsable --job-name=NAME --array=1-2%3 --partition=gpu,cpu --nodes=1 --ntasks=1 --cpus-per-task=2 --mem=2560M --time=22 " +
    "--requeue --export=ALL --chdir=/ --input=/dev/null --output=/dev/null";
  expect(asked.split("\n")).toEqual([
    "sbatch",
    ...options.split(" "),
    join(box.cwd, "a plan/slurm/cells.sh"),
  ]);

  const file = (name: string): string =>
    readFileSync(join(box.cwd, "a plan/slurm", name), "utf8").replaceAll(/vm-test-[0-9a-f]{12}/g, "NAME");
  const made = ["cells.sh", "submission.json"].map(file);
  expect((await box.sh(`rm -r 'a plan'; PATH='${slurm.PATH}'; ${script.stdout}`)).code).toBe(0);
  expect(submissions(box)).toEqual([asked, asked]);
  expect(["cells.sh", "submission.json"].map(file)).toEqual(made);
}, 60_000);

test("an array is never larger than the cluster has it: its tasks have several cells then, and attempts go on counting", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const slurm = madeSlurm(box, { maxArraySize: 4 });
  const commands = Array.from({ length: 10 }, (_, index) => ["--exec", `: ${index}`]).flat();
  await box.vmWith(slurm, "test", "-k", "linux", ...commands, "--timeout", "60", "--plan", "plan");
  writeFileSync(join(box.cwd, "plan/results/3.4.begun"), "");
  expect(await box.vmWith(slurm, "test", "--run", "plan", "--on", "slurm", "--detach")).toMatchObject({
    code: 0,
  });
  const [asked] = submissions(box);
  expect(asked).toContain("--array=1-3\n");
  // Four cells one after another.
  expect(asked).toContain("--time=84\n");
  const script = readFileSync(join(box.cwd, "plan/slurm/cells.sh"), "utf8");
  expect(script).toContain('--shard "$SLURM_ARRAY_TASK_ID/3" --attempt "$((5 + ${SLURM_RESTART_COUNT:-0}))"');
  expect(readFileSync(join(box.cwd, "plan/slurm/submission.json"), "utf8")).toContain('"cells":10,"tasks":3');
}, 60_000);

test("a cell that Slurm ended without an answer is an error that says how", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const slurm = madeSlurm(box, {
    queue: "echo '77_1|FAILED|n1|NonZeroExitCode'; echo '77_2|TIMEOUT|n2|TimeLimit'",
    job: 'case $4 in 77_1) echo "JobId=78 ExitCode=66:0 X=1";; *) echo "JobId=77 ExitCode=0:15 X=1";; esac',
  });
  const commands = ["--exec", "one", "--exec", "two", "--exec", "three"];
  const words = ["test", "-k", "linux", ...commands, "--on", "slurm", "--plan", "plan", "--json"];
  const { code, stdout } = await box.vmWith(slurm, ...words);
  const plan = join(box.cwd, "plan");
  const report: { readonly cells: readonly { readonly reason: string }[] } = JSON.parse(stdout);
  expect([code, ...report.cells.map(({ reason }) => reason)]).toEqual([
    1,
    `no answer: Slurm's 77_1 ended as FAILED on n1: n1 does not see ${plan}; plan into a directory that all nodes share (--plan DIR)`,
    "no answer: Slurm's 77_2 ended as TIMEOUT on n2",
    expect.stringMatching(/^no answer: Slurm knows of no job vm-test-\w+ that has it any more$/),
  ]);
  // What the task does that finds no plan, and no vm.
  const script = join(plan, "slurm/cells.sh");
  expect(
    (await box.sh(`mv plan away; SLURM_ARRAY_TASK_ID=1 '${script.replace("/plan/", "/away/")}'`)).code,
  ).toBe(66);
  expect(existsSync(plan)).toBe(false);
}, 60_000);

test("options that would do nothing beside --on are refused by name", async () => {
  const box = sandbox();
  const refused: readonly (readonly [named: string, words: readonly string[]])[] = [
    ["--on", ["-k", "linux", "--on", "slurm:"]],
    ["--on", ["-k", "linux", "--on", "slurm:a b"]],
    ["--on", ["-k", "linux", "--on", "condor"]],
    ["--on", ["-k", "linux", "--on", ""]],
    ["--on", ["--collect", "plan", "--on", "slurm"]],
    ["--detach", ["-k", "linux", "--detach"]],
    ["--junit", ["-k", "linux", "--on", "slurm", "--detach", "--junit", "x"]],
    ["--fail-fast", ["-k", "linux", "--on", "slurm", "--detach", "--fail-fast"]],
    ["--cell", ["--run", "plan", "--cell", "1", "--on", "slurm"]],
    ["-m", ["--run", "plan", "-m", "1G", "--on", "slurm"]],
    ["files", ["--run", "plan", "a.sh", "--on", "slurm"]],
    ["--seed", ["-k", "linux", "--on", "slurm", "--seed", "1"]],
    ["--guest", ["-k", "linux", "--on", "slurm", "--guest", "per-kernel"]],
    ["--guest", ["-k", "linux", "--plan", "p", "--guest", "per-kernel"]],
    ["--until-fail", ["-k", "linux", "--on", "slurm", "--until-fail"]],
    ["--attempt", ["-k", "linux", "--attempt", "1"]],
    ["--attempt", ["--run", "plan", "--attempt", "0"]],
    ["--fail-fast", ["--collect", "plan", "--fail-fast"]],
    ["--plan", ["-k", "linux", "--on", "slurm", "--plan", ""]],
  ];
  for (const [named, words] of refused) {
    const { code, stderr } = await box.vm("test", ...words);
    expect([words, code, stderr.includes(named)]).toEqual([words, 2, true]);
  }
}, 60_000);
