import { resolve } from "node:path";
import { toScript, type Step } from "@vm/command-plan";
import { newRunName, openCollection, planTests, submissionScript } from "@vm/kernel-matrix";
import type { Host, SlurmQueue, SubmitCellsRequest } from "@vm/operations";
import { matrixWords, reportWords, type MatrixOptions } from "./matrix-options.js";

/** A script that plans, submits, waits and reports. Nothing in it cancels the cells when it is stopped. */
export async function submissionAsScript(
  request: SubmitCellsRequest & { readonly on: SlurmQueue },
  files: readonly string[],
  options: MatrixOptions,
  host: Host,
): Promise<string> {
  const { test, directory: given, wait = "until-answered", onFailure } = request;
  const directory = resolve(host.cwd, given ?? newRunName());
  const { program } = host;
  const prints = wait === "no" ? "job" : "nothing";
  const steps: Step[] = [{ kind: "change-directory", path: host.cwd }];
  if (test === undefined) {
    const { manifest, total, newestAttempt } = openCollection(
      { operation: "collect-cells", directory },
      host,
    );
    const plan = { directory, cells: total, newestAttempt, request: manifest.request };
    steps.push(...(await submissionScript(plan, request, host, prints)));
  } else {
    const { kernels, tests } = planTests(test, host);
    const plan = { directory, cells: kernels.length * tests.length, newestAttempt: 0, request: test };
    if (given === undefined && wait !== "no") steps.push({ kind: "remove-at-end", path: directory });
    steps.push(
      { kind: "run", argv: [...program, "test", ...matrixWords(files, options), "--plan", directory] },
      ...(await submissionScript(plan, request, host, prints)),
    );
  }
  if (wait !== "no") {
    const failFast = onFailure === "stop" ? ["--fail-fast"] : [];
    const words = ["--collect", directory, "--wait", ...failFast, ...reportWords(options)];
    steps.push({ kind: "run", argv: [...program, "test", ...words] });
  }
  return toScript(steps);
}
