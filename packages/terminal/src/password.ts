import { isatty } from "node:tty";
import { codedError } from "@vm/command-plan";

/**
 * Asks for root's password on the terminal, twice, as the script would.
 * @param settings `onInterrupt`: makes the error for Ctrl-C, which is a key here
 * @throws USAGE where there is no terminal
 */
export async function askPassword(
  hostname: string,
  { onInterrupt }: { readonly onInterrupt: () => Error },
): Promise<string> {
  if (!isatty(0) || !isatty(2)) {
    throw codedError("USAGE", "root has no password and no key, and there is no terminal to ask on", {
      hint: "Give --ssh-key, --root-password-file or --root-password-hash.",
    });
  }
  for (;;) {
    const password = await readHidden(`Password of root on ${hostname}: `, onInterrupt);
    if (password === "") continue;
    if ((await readHidden("The same again: ", onInterrupt)) === password) return password;
    process.stderr.write("The passwords do not match.\n");
  }
}

/** Reads a line with no echo. The terminal is as before when this settles. */
function readHidden(prompt: string, onInterrupt: () => Error): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8").resume();
  return new Promise<string>((resolve, reject) => {
    let text = "";
    const onData = (data: string): void => {
      for (const character of data) {
        if (character === "\r" || character === "\n") return finish(() => resolve(text));
        if (character === "\u0003") return finish(() => reject(onInterrupt()));
        if (character === "\u0004") return finish(() => reject(codedError("USAGE", "no password was given")));
        if (character === "\u007f" || character === "\b") text = Array.from(text).slice(0, -1).join("");
        else if (character === "\u0015") text = "";
        else text += character;
      }
    };
    const finish = (settle: () => void): void => {
      stdin.removeListener("data", onData).pause();
      stdin.setRawMode(false);
      stderr.write("\n");
      settle();
    };
    stdin.on("data", onData);
  });
}
