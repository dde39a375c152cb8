import * as v from "valibot";
import type {
  CopyRequest,
  ExecRequest,
  ForwardRequest,
  MountRequest,
  SshConfigRequest,
  SshRequest,
} from "../reach-requests.js";
import { object, path, port, text, texts, vmName, word, words } from "./values.js";

export const exec: v.GenericSchema<ExecRequest> = v.pipe(
  object({
    operation: v.literal("exec"),
    guest: vmName,
    command: v.exactOptional(
      v.pipe(v.tupleWithRest([word], text), v.readonly(), v.description("A program and its arguments.")),
    ),
    input: v.exactOptional(v.picklist(["none", "pipe", "terminal"])),
  }),
  v.forward(
    v.check(
      ({ command, input = "terminal" }) => command !== undefined || input === "terminal",
      "terminal, which a shell reads from, or a `command`",
    ),
    ["input"],
  ),
);

export const ssh: v.GenericSchema<SshRequest> = object({
  operation: v.literal("ssh"),
  guest: vmName,
  arguments: v.exactOptional(texts),
});

export const copy: v.GenericSchema<CopyRequest> = object({
  operation: v.literal("copy"),
  from: v.pipe(words, v.minLength(1, "at least one path")),
  to: word,
  preserve: v.exactOptional(v.boolean()),
});

export const forward: v.GenericSchema<ForwardRequest> = object({
  operation: v.literal("forward"),
  guest: vmName,
  ports: v.pipe(
    v.array(
      object({
        direction: v.exactOptional(v.picklist(["to-guest", "to-host"])),
        address: v.exactOptional(word),
        port,
        targetAddress: v.exactOptional(word),
        targetPort: port,
      }),
    ),
    v.minLength(1, "at least one pair of ports"),
    v.readonly(),
  ),
  wish: v.exactOptional(v.picklist(["cancel", "open"])),
});

export const mount: v.GenericSchema<MountRequest> = object({
  operation: v.literal("mount"),
  guest: vmName,
  directory: path,
  from: v.exactOptional(word),
  access: v.exactOptional(v.picklist(["read-only", "read-write"])),
});

export const sshConfig: v.GenericSchema<SshConfigRequest> = object({
  operation: v.literal("ssh-config"),
  guests: v.pipe(v.array(vmName), v.minLength(1, "at least one guest"), v.readonly()),
});
