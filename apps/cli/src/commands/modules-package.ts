import { modulesPackageCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { modulesPackageScript, writeModulesPackage, type ModulesPackageRequest } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface PackageCommandOptions extends DryRun {
  readonly output: string;
  readonly format: NonNullable<ModulesPackageRequest["format"]>;
  readonly compression: NonNullable<ModulesPackageRequest["compression"]>;
}

export const define: CommandModule["define"] = definition(
  modulesPackageCommand,
  (context) =>
    async ({ output, format, compression, dryRun }: PackageCommandOptions) => {
      const host = ownHost(context);
      const request: ModulesPackageRequest = {
        operation: "modules-package",
        directory: output,
        format,
        compression,
      };
      if (dryRun === true) writeOutput(await modulesPackageScript(request, host));
      else writeOutput(`${(await writeModulesPackage(request, host)).path}\n`);
    },
);
