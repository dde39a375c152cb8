#compdef vm
# zsh completion for vm. `vm completion zsh` prints it; docs/completion.md says where it belongs.

_vm() {
  local -a answer first words_of more_of words_shown more_shown
  local line word about shown
  answer=("${(@f)$(command vm completion zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  [[ -n $answer[1] ]] || return 1
  first=(${=answer[1]})
  for line in "${(@)answer[2,-1]}"; do
    about=${line#*$'\t'}
    word=${${line%%$'\t'*}#* }
    shown=$word
    [[ -z $about ]] || shown="$word  -- $about"
    if [[ $line == more\ * ]]; then
      more_of+=("$word")
      more_shown+=("$shown")
    else
      words_of+=("$word")
      words_shown+=("$shown")
    fi
  done
  local ret=1
  (( $#words_of )) && compadd -l -d words_shown -a words_of && ret=0
  (( $#more_of )) && compadd -S '' -l -d more_shown -a more_of && ret=0
  if (( ret )) && [[ $first[1] != none ]]; then
    compset -p $first[2]
    if [[ $first[1] == directories ]]; then _files -/ && ret=0; else _files && ret=0; fi
  fi
  return ret
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _vm "$@"
else
  compdef _vm vm
fi
