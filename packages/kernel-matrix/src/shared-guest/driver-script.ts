import { quoteBytes } from "@vm/command-plan";

/** By what the host knows the driver's own words in the outputs and on the console: made anew for each guest. */
export interface DriverMark {
  /** On the console. */
  readonly short: string;
  /** Behind it on the outputs. No command line or variable of the guest has both in one. */
  readonly rest: string;
}

/** An argument of Linux has at most 131,072 bytes with its NUL (MAX_ARG_STRLEN). */
const MAX_ARGUMENT = 131_071;

/**
 * Shell text that runs tests, one after the other, as the host asks for them by number (from 1 on) on its standard input. Each begins
 * with a mark on both outputs, `b N`, and ends with one, `e N STATUS CONSOLE TAINTED OOPSES WARNINGS RELEASE NOTE` on standard output
 * and `e N` on standard error; where CONSOLE is 1 the console has a mark as well. `e 0` says that it is ready. Builtins do what is done
 * for each test: a program takes longer to start than most tests to run.
 */
export function driverScript(tests: readonly Uint8Array[], { short, rest }: DriverMark): Buffer {
  const texts = tests.map((test, index) =>
    Buffer.concat([Buffer.from(`vm_text_${index + 1}=`), quoteBytes(test), Buffer.from("\n")]),
  );
  const long = tests.flatMap((test, index) => (test.length > MAX_ARGUMENT ? [index + 1] : []));
  return Buffer.concat([
    ...texts,
    Buffer.from(`vm_a=${short} vm_b=${rest} vm_long=' ${long.join(" ")} '\n`),
    Buffer.from(DRIVER),
  ]);
}

/**
 * A sysctl cannot be read bytewise, as dash's `read` does: the first digit tells whether it is 0. What a shell says of a signal goes to a
 * file, for the test's errors are the test's. A test that sends a signal to its own group sends it to us: we
 * ignore what can be ignored (a session of its own would cost a program more for each). What it leaves behind is killed, as it would be
 * with a guest of its own.
 */
const DRIVER = String.raw`vm_notes=$(mktemp) || vm_notes=/dev/null
exec 3<&0 4>&2 </dev/null 2>>"$vm_notes"
trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2
vm_keep=' '
for vm_p in /proc/[0-9]*; do vm_keep="$vm_keep${"$"}{vm_p#/proc/} "; done
read -r _ _ vm_release _ </proc/version
vm_sweep() {
    vm_round=0
    while [ "$vm_round" -lt 100 ]; do
        vm_round=$((vm_round + 1))
        vm_left=
        for vm_p in /proc/[0-9]*; do
            vm_p=${"$"}{vm_p#/proc/}
            case $vm_keep in *" $vm_p "*) continue ;; esac
            [ ! -e "/proc/$vm_p/exe" ] || vm_left="$vm_left $vm_p"
        done
        [ -n "$vm_left" ] || break
        kill -s KILL $vm_left 2>/dev/null
    done
}
vm_end() {
    vm_note=
    [ "$2" -le 128 ] || { read -r vm_note <"$vm_notes"; : >"$vm_notes"; }
    vm_t=- vm_o=- vm_w=-
    vm_k=1
    {
        read -r vm_t </proc/sys/kernel/tainted
        case $vm_t in 0 | -) ;; *) vm_t=$(cat /proc/sys/kernel/tainted) ;; esac
        read -r vm_o </sys/kernel/oops_count && read -r vm_w </sys/kernel/warn_count
        echo "vm-$vm_a e $1" >/dev/kmsg || vm_k=0
    } 2>/dev/null
    printf '\036vm-%s%s e %s %s %s %s %s %s %s %s\n' "$vm_a" "$vm_b" "$1" "$2" "$vm_k" "${"$"}{vm_t:--}" "${"$"}{vm_o:--}" "${"$"}{vm_w:--}" "$vm_release" "$vm_note"
    printf '\036vm-%s%s e %s\n' "$vm_a" "$vm_b" "$1" >&4
}
vm_end 0 0
while read -r vm_n <&3; do
    printf '\036vm-%s%s b %s\n' "$vm_a" "$vm_b" "$vm_n"
    printf '\036vm-%s%s b %s\n' "$vm_a" "$vm_b" "$vm_n" >&4
    eval "vm_text=\$vm_text_$vm_n"
    case $vm_long in *" $vm_n "*)
        printf %s "$vm_text" >"$vm_notes.text"
        vm_text=". '$vm_notes.text'"
        ;;
    esac
    (
        trap - HUP INT QUIT PIPE ALRM TERM USR1 USR2
        exec 2>&4 3<&- 4>&-
        exec /bin/sh -c "$vm_text" sh
    )
    vm_status=$?
    vm_sweep
    vm_end "$vm_n" "$vm_status"
done
exit 0
`;
