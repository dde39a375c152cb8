/**
 * What runs without --exec: the person's own shell, where the guest has it, with the kernel's release in front of its prompt, so that nobody
 * takes the guest for the host. Their own files are read as ever, before: bash reads another file that reads theirs, zsh looks into another
 * directory, fish takes a command on top; any other shell has PS1.
 */
export const guestShell: string = String.raw`
read -r vm_release </proc/sys/kernel/osrelease
vm_mark="($vm_release) "
vm_directory=${"$"}{XDG_RUNTIME_DIR:-/run}
[ -x "$SHELL" ] || SHELL=$(command -v bash || command -v sh)
export SHELL
case ${"$"}{SHELL##*/} in
bash)
    {
        printf '%s\n' '[ ! -r ~/.bashrc ] || . ~/.bashrc' "vm_mark='$vm_mark'"
        printf '%s\n' 'vm_prompt() { case $PS1 in "$vm_mark"*) ;; *) PS1=$vm_mark$PS1 ;; esac; }'
        printf '%s\n' 'case $(declare -p PROMPT_COMMAND 2>/dev/null) in'
        printf '%s\n' '"declare -a"*) PROMPT_COMMAND+=(vm_prompt) ;;'
        printf '%s\n' '*) PROMPT_COMMAND=${"$"}{PROMPT_COMMAND:+$PROMPT_COMMAND$'"'\\n'"'}vm_prompt ;;' 'esac'
    } >"$vm_directory/vm-bashrc"
    exec "$SHELL" --rcfile "$vm_directory/vm-bashrc" -i
    ;;
zsh)
    mkdir -p "$vm_directory/vm-zsh"
    {
        printf '%s\n' "ZDOTDIR='${"$"}{ZDOTDIR:-$HOME}'" '[ ! -r $ZDOTDIR/.zshenv ] || . $ZDOTDIR/.zshenv'
        printf '%s\n' 'vm_zdotdir=$ZDOTDIR' "ZDOTDIR='$vm_directory/vm-zsh'"
    } >"$vm_directory/vm-zsh/.zshenv"
    {
        printf '%s\n' 'ZDOTDIR=$vm_zdotdir' '[ ! -r $ZDOTDIR/.zshrc ] || . $ZDOTDIR/.zshrc' "vm_mark='$vm_mark'"
        printf '%s\n' 'vm_prompt() { [[ $PS1 == "$vm_mark"* ]] || PS1=$vm_mark$PS1 }' 'precmd_functions+=(vm_prompt)'
    } >"$vm_directory/vm-zsh/.zshrc"
    ZDOTDIR=$vm_directory/vm-zsh exec "$SHELL" -i
    ;;
fish)
    exec "$SHELL" -i -C "functions -q fish_prompt; and functions -c fish_prompt vm_prompt; or function vm_prompt; printf '> '; end; function fish_prompt; printf '$vm_mark'; vm_prompt; end"
    ;;
*)
    if [ "$(id -u)" = 0 ]; then vm_end='# '; else vm_end='$ '; fi
    export PS1="$vm_mark${"$"}{PS1:-$vm_end}"
    exec "$SHELL" -i
    ;;
esac
`;
