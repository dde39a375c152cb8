import type { Expression } from "./expression.js";

/** What a menu, an `if` or a choice lays on everything in it. */
export interface Scope {
  /** `depends on`, and the condition of an `if`. */
  readonly depends: Expression[];
  /** `visible if`: hides prompts, and leaves the options themselves alone. */
  readonly visible: Expression[];
}

export interface Choice extends Scope {
  prompt?: string;
  /** Its members, by the names of Kconfig (with no `CONFIG_`). */
  readonly members: string[];
}

/** One `config NAME` entry; an option may have several. */
export interface Definition {
  readonly name: string;
  /** Relative to the source tree. */
  readonly file: string;
  readonly line: number;
  readonly depends: Expression[];
  /** Each prompt, with its own condition. No prompt: nobody can set the option by hand. */
  readonly prompts: { readonly text: string; readonly condition?: Expression }[];
  readonly selects: { readonly target: string; readonly condition?: Expression }[];
  readonly ranges: string[];
  /** The enclosing menus, ifs and choice. */
  readonly scopes: readonly Scope[];
  readonly choice?: Choice;
  type?: "bool" | "tristate" | "string" | "hex" | "int";
}

/** All that a kernel source says of its options, for one architecture. */
export interface KconfigTree {
  /** By the names of Kconfig: `NET_9P`. */
  readonly definitions: ReadonlyMap<string, readonly Definition[]>;
  /** Who selects an option, by its name. */
  readonly selectedBy: ReadonlyMap<
    string,
    readonly { readonly by: Definition; readonly condition?: Expression }[]
  >;
}
