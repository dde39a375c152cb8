import { quoteBytes } from "@vm/command-plan";

/** `name='value'` and a newline, for a script that the guest's shell reads. The caller knows that no NUL byte is in it. */
export function assignment(name: string, value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from(`${name}=`), quoteBytes(bytes), Buffer.from("\n")]);
}
