import { quoteShell } from "@vm/command-plan";
import type { ComplaintKind } from "@vm/guest-run";
import { guestShell } from "./guest-shell.js";

/**
 * The command, and a shell in the same guest when it failed: with a status, or with an oops or what else is to be a failure, which the
 * kernel has counted (from 6.2 on). What comes of it is the command's own.
 */
export function withFailureShell(text: string, failOn: readonly ComplaintKind[] = []): string {
  const counts = failOn.length === 0 ? "oops_count" : "oops_count /sys/kernel/warn_count";
  return `vm_counted() { cat /sys/kernel/${counts} 2>/dev/null || echo 0; }
vm_before=$(vm_counted)
trap : INT QUIT
(
trap - INT QUIT
eval ${quoteShell(text)}
)
vm_status=$?
if [ "$vm_status" != 0 ] || [ "$(vm_counted)" != "$vm_before" ]; then
    printf '\\nvm: the command ended with status %s: this is a shell in its guest (dmesg has the kernel'"'"'s log), exit ends it\\n' "$vm_status"
    (
    trap - INT QUIT
${guestShell})
fi
[ "$vm_status" -le 128 ] || { trap - INT QUIT; kill -$((vm_status - 128)) $$; } 2>/dev/null
exit "$vm_status"
`;
}
