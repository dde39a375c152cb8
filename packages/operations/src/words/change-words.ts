import type { ChangeRequest } from "../request/request.js";

/** What a change has done, as a sentence. */
export function describeChange(request: ChangeRequest): string {
  const { vm } = request;
  switch (request.operation) {
    case "remove-vm":
      return `removed ${vm}`;
    case "rename-vm":
      return `${vm} is ${request.newName} now`;
    case "clone-vm":
      return `${request.newName} is a copy of ${vm}${request.disks === "linked" ? ", linked to it" : ""}`;
    case "resize-disk":
      return `the disk of ${vm} is larger now; its partition and file system are as they were`;
    case "set-machine": {
      const { operation: _, vm: __, ...settings } = request;
      const words = Object.entries(settings).map((setting) => setting.join("="));
      return `${vm} has ${words.join(" ")} from its next run on`;
    }
    case "add-disk":
      return `${vm} has one more disk of ${request.size}, from its next run on`;
    case "remove-disk":
      return `${vm} has no disk ${request.disk} any more`;
    case "create-snapshot":
      return `${vm} has the snapshot ${request.tag}`;
    case "restore-snapshot":
      return `${vm} is what it was at ${request.tag}`;
    case "delete-snapshot":
      return `${vm} has no snapshot ${request.tag} any more`;
    default:
      return request satisfies never;
  }
}

/** What a person is asked before a change that loses something; undefined where none of it is lost. */
export function consentQuestion(request: ChangeRequest): string | undefined {
  const { vm } = request;
  if (request.operation === "remove-vm") return `Remove the virtual machine ${vm}, with all of its disks?`;
  if (request.operation === "remove-disk" && request.image !== "keep")
    return `Remove the disk ${request.disk} of ${vm}, with all that is on it?`;
  return undefined;
}
