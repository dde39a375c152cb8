import { runCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { checkRunOptions, refusePackages, type RunOptions, runRequest } from "@vm/command-requests";
import { withRunDefaults } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { hasInput } from "../run/command-input.js";

export const define: CommandModule["define"] = definition(
  runCommand,
  (context) => async (name: string | undefined, options: RunOptions) => {
    if (name !== undefined) refusePackages([name], "VM");
    checkRunOptions(name, options);
    const host = ownHost(context);
    // A kernel may have been named in the place of a VM: then that is what is wrong.
    if (name !== undefined && (options.exec ?? options.shell) !== undefined && options.kernel === undefined) {
      const { loadVmConfig } = await import("../run/vm-run.js");
      await loadVmConfig(name, { hasKernel: false }, host);
    }
    const asked = runRequest(name, options, { ...context, hasInput });
    const request = withRunDefaults(asked, host);
    if (request.operation === "run-command") {
      const { runInGuest } = await import("../run/command-run.js");
      await runInGuest(request, options, context);
    } else {
      const { runVirtualMachine } = await import("../run/vm-run.js");
      await runVirtualMachine(request, options, host, context);
    }
  },
);
