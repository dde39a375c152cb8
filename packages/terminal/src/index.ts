export { attachConsole, parseDetachKey, type ConsoleEnd } from "./console-attachment.js";
export { openStreams, type OpenStreams, type WantedStreams } from "./command-streams.js";
export { runInTerminal } from "./interactive-program.js";
export { ownStream } from "./own-stream.js";
export { askPassword } from "./password.js";
export { progressBar } from "./progress-bar.js";
export { connectTerminal } from "./shell.js";
export { keepTerminal, type KeptTerminal } from "./terminal-keeper.js";
export { cutText, textWidth } from "./text-width.js";
