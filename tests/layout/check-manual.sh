#!/bin/sh
# SPDX-License-Identifier: ISC
# The manual pages are free of errors, warnings and lapses of style, and what is printed of the table of words says
# what may stand behind them.  Prints TAP.
top=${TOP_SRCDIR:-$(dirname "$0")/../..}
if ! command -v mandoc >/dev/null; then
	echo "1..0 # SKIP mandoc is not installed"
	exit 0
fi
number=0
# What is generated lies in the build tree, where this runs.
for page in "$top"/man/*.[178] man/*.5; do
	number=$((number + 1))
	# What other manuals this machine has is no matter of ours.
	findings=$(mandoc -Tlint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db')
	if [ -z "$findings" ]; then
		echo "ok $number - $(basename "$page")"
	else
		echo "not ok $number - $(basename "$page")"
		echo "$findings" | sed 's/^/# /'
	fi
done

printed() { # printed LINE: of the generated page
	number=$((number + 1))
	grep -qxF "$1" man/vrrp-agent.conf.5 || printf 'not '
	echo "ok $number - $1"
}
printed '.It Cm auth_type Ar PASS|AH'
printed '.It Cm old_unicast_checksum Ar [never]'
printed '.It Cm param_match Ar [partial|initial]'
printed '.It Cm unicast_peer Ar { ADDRESS [min_ttl NUMBER] [max_ttl NUMBER] }'
printed '.It Cm weight Ar NUMBER [reverse]'
number=$((number + 1))
# It acts, unlike the others that are accepted.
grep -A3 -x '.It Cm random_seed' man/vrrp-agent.conf.5 | grep -q Accepted && printf 'not '
echo "ok $number - random_seed is not said to change nothing"
echo "1..$number"
