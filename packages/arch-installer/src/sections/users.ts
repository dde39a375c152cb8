import type { Installation, RootPassword } from "../installation.js";
import type { Section } from "../section.js";
import { command, withInput, writeFile, type Statement } from "../shell-text.js";

export function usersSection({ users, sshKeys, xfstests, rootPassword }: Installation): Section {
  const keys = sshKeys.map((key) => `${key}\n`).join("");
  return {
    name: "create_users",
    title: "Create the users",
    body: [
      ...(xfstests
        ? [
            "# xfstests works as this user in some of its tests.",
            inNewRoot("useradd", "--create-home", "fsgqa"),
          ]
        : []),
      ...users.flatMap((user) => createUser(user)),
      ...(keys === "" ? [] : [...writeKeys("/root", keys)]),
      ...(keys === ""
        ? []
        : users.flatMap((user) => [
            ...writeKeys(`/home/${user}`, keys),
            inNewRoot("chown", "--recursive", `${user}:`, `/home/${user}/.ssh`),
          ])),
      ...setRootPassword(rootPassword),
    ],
  };
}

/** By its own programs, but with nothing of what arch-chroot mounts, which takes longer than they do. */
function inNewRoot(...words: readonly string[]): string {
  return command("chroot", "/mnt", ...words);
}

/** They have no password, so sudo asks for none. */
function createUser(user: string): readonly Statement[] {
  const sudoers = `/mnt/etc/sudoers.d/10-${user}`;
  return [
    inNewRoot("useradd", "--create-home", "--groups", "wheel", user),
    writeFile(sudoers, `${user} ALL=(ALL:ALL) NOPASSWD: ALL\n`),
    command("chmod", "440", sudoers),
  ];
}

function writeKeys(home: string, keys: string): readonly Statement[] {
  const directory = `/mnt${home}/.ssh`;
  return [
    command("install", "--directory", "--mode=700", directory),
    writeFile(`${directory}/authorized_keys`, keys),
    command("chmod", "600", `${directory}/authorized_keys`),
  ];
}

function setRootPassword(rootPassword: RootPassword): readonly Statement[] {
  switch (rootPassword.kind) {
    case "ask":
      return [`${inNewRoot("chpasswd")} <<< "root:$root_password"`];
    case "plain":
      return [withInput(inNewRoot("chpasswd"), `root:${rootPassword.password}\n`)];
    case "hash":
      return [withInput(inNewRoot("chpasswd", "--encrypted"), `root:${rootPassword.hash}\n`)];
    case "locked":
      return [
        "# No password fits; with an exclamation mark, sshd might refuse the key too.",
        inNewRoot("usermod", "--password", "*", "root"),
      ];
    default:
      return rootPassword satisfies never;
  }
}
