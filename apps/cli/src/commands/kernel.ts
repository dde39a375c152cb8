import { kernelCommand } from "@vm/command-guide";
import { plainText } from "@vm/command-plan";
import { kernelRequest, type KernelOptions } from "@vm/command-requests";
import type { KernelBuild } from "@vm/kernel-build";
import {
  describeKernel,
  fetchReleasedKernel,
  fetchScript,
  findKernel,
  kernelScript,
  renderJson,
} from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  kernelCommand,
  (context) => async (kernel: string | undefined, options: KernelOptions) => {
    const request = kernelRequest(kernel, options);
    const host = ownHost(context);
    const asJson = options.json === true;
    if (request.operation === "fetch-kernel") {
      await carryOut(
        options,
        () => fetchScript(host),
        async () => {
          const fetched = await fetchReleasedKernel(request, host);
          writeOutput(asJson ? renderJson(fetched) : `${fetched.path}\n`);
        },
      );
      return;
    }
    const render = (build: KernelBuild): string => (asJson ? renderJson(build) : describeKernel(build));
    await carryOut(
      options,
      () => kernelScript(request, { flags: asJson ? ["--json"] : [], render }, host),
      async () => writeOutput(plainText(render(await findKernel(request, "run", host)))),
    );
  },
);
