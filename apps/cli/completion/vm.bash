# bash completion for vm. `vm completion bash` prints it; docs/completion.md says where it belongs.
# vm itself reads the line and quotes the candidates, so nothing here has to know its commands.

_vm_completion() {
  local answer files line
  COMPREPLY=()
  mapfile -t answer < <(command vm completion bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  [[ ${#answer[@]} -gt 0 ]] || return 0
  files=${answer[0]%% *}
  for line in "${answer[@]:1}"; do
    COMPREPLY+=("${line#* }")
  done
  if [[ ${#answer[@]} -eq 2 && ${answer[1]} == "more "* ]]; then
    compopt -o nospace
  elif [[ ${#answer[@]} -eq 1 && $files == files ]]; then
    compopt -o default
  elif [[ ${#answer[@]} -eq 1 && $files == directories ]]; then
    compopt -o dirnames
  fi
}

complete -o nosort -F _vm_completion vm
