# SPDX-License-Identifier: ISC
# bash completion of vrrpctl, which itself says what may come next.
_vrrpctl()
{
	local IFS=$'\n' socket=() words=() i

	for ((i = 1; i <= COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--socket | -s)
			socket=(--socket "${COMP_WORDS[++i]}")
			if ((i >= COMP_CWORD)); then
				mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
				return
			fi
			;;
		-*) ((i == COMP_CWORD)) && words+=("${COMP_WORDS[i]}") ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	mapfile -t COMPREPLY < <(compgen -W "$(vrrpctl "${socket[@]}" complete -- "${words[@]}" 2>/dev/null)" -- \
		"${COMP_WORDS[COMP_CWORD]}")
}
complete -F _vrrpctl vrrpctl
