import type { InstallArguments } from "@vm/arch-installer";
import type { DryRun } from "../caller.js";

/** The options of `vm install`, their texts. */
export interface InstallCommandOptions extends DryRun, InstallArguments {
  readonly cpus?: string;
  readonly memory?: string;
  readonly size?: string;
  readonly iso?: string;
  readonly mirror?: string;
  readonly isoKeyring?: string;
  readonly bootstrap?: true;
  readonly kernel?: string;
  readonly pacmanConf?: string;
  readonly accel?: string;
  readonly qemu?: string;
  readonly timeout?: string;
  readonly silenceTimeout?: string;
  readonly keep?: true;
  readonly shell?: true;
  readonly full?: true;
  readonly log?: string;
}
