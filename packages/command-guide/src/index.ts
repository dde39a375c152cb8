export type { ArgumentDescription, CommandDescription, OptionDescription } from "./command-description.js";
export type { BashLine } from "./completion/bash-line.js";
export { awaitsValue } from "./completion/expected-word.js";
export {
  completionShells,
  readShellLine,
  shellAnswer,
  type CompletionShell,
} from "./completion/shell-answer.js";
export { kindOfArgument, kindOfOption, type ValueKind } from "./completion/value-kind.js";
export { commandPage } from "./manual/command-page.js";
export {
  findTopic,
  helpPage,
  helpTopics,
  listTopics,
  manualPageOf,
  type HelpTopic,
} from "./manual/help-topics.js";
export { documentPage, type DocumentPage } from "./manual/markdown-page.js";
export type { Edition } from "./manual/roff.js";
export { writeManual, type ManualSources } from "./manual/write-manual.js";
