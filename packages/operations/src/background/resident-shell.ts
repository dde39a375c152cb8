import { guestShell } from "../guest/guest-shell.js";

/**
 * What runs in an embedded guest in the background: the person's shell on the console, again and again, until a SIGTERM says that it is
 * over. The shell is no child that is waited for in the foreground: a trap runs only between commands.
 */
export const residentShell: string = `
vm_shell=
trap 'kill -HUP $vm_shell; trap "" TERM; exit 0' TERM
exec 7<&0
while :; do
    (${guestShell}) <&7 7<&- &
    vm_shell=$!
    wait "$vm_shell"
    sleep 0.2 || sleep 1
done
`;
