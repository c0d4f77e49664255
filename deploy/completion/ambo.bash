# Completion for bash; in zsh, `autoload -U bashcompinit && bashcompinit` first. What is offered comes from `ambo
# complete`, files where it offers nothing.
_ambo() {
	local IFS=$'\n' line="${COMP_LINE:0:COMP_POINT}"
	COMPREPLY=($(ambo complete "${line#*[[:space:]]}" 2>/dev/null))
	[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _ambo ambo
