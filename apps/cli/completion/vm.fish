# fish completion for vm. `vm completion fish` prints it; docs/completion.md says where it belongs.

function __vm_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l token (commandline -ct)
    set -l current (string unescape -- "$token")
    # A quote that is still open.
    test $status -eq 0; or set current (string replace -r '^["\']' '' -- "$token")
    set -l answer (command vm completion fish -- $words "$current" 2>/dev/null)
    test (count $answer) -gt 0; or return
    set -l first (string split ' ' -- $answer[1])
    set -e answer[1]
    if test (count $answer) -gt 0
        printf '%s\n' $answer
        return
    end
    test $first[1] != none; or return
    set -l head (string sub -l $first[2] -- "$current")
    set -l rest (string sub -s (math $first[2] + 1) -- "$current")
    if test $first[1] = directories
        printf '%s\n' $head(__fish_complete_directories "$rest" '')
    else
        printf '%s\n' $head(__fish_complete_path "$rest" '')
    end
end

complete -c vm -f -a '(__vm_complete)'
