/** A part of a file's name that no other process has: the pids of two containers that share a directory are the same. No secret. */
export function randomName(): string {
  return Math.random().toString(16).slice(2, 14).padEnd(12, "0");
}
