import { installCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { InstallCommandOptions } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";

export const define: CommandModule["define"] = definition(
  installCommand,
  (context) => async (name: string, options: InstallCommandOptions) => {
    const { runInstall } = await import("../install/installation.js");
    await runInstall(name, options, context);
  },
);
