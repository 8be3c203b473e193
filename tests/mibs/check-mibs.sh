#!/bin/sh
# SPDX-License-Identifier: ISC
# Our MIB modules: without fault for smilint, and the same in structure as the published ones where a
# package has those.  Output is TAP.
set -u

top=${TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
ours=$top/mibs/VRRP-AGENT-VRRPV3-MIB.txt
published=${PUBLISHED_VRRPV3_MIB:-/usr/share/snmp/mibs/VRRPv3-MIB.txt}
imports=
for module in SNMPv2-SMI SNMPv2-TC SNMPv2-CONF IF-MIB INET-ADDRESS-MIB; do
	imports="$imports -p $top/tests/mibs/$module"
done

# smidiff's findings that are not about structure: who wrote what.
words='description|reference|contact|organization|last updat|revision|previous definition'

number=0
report() { # status, name, output
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		printf '%s\n' "$3" | sed 's/^/# /'
	fi
}
skip() { # name, why
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

echo 1..4
if command -v smilint >/dev/null; then
	# What is found in the imports, whose basic types only libsmi's own pass for right, is not ours.
	found=$(smilint -c /dev/null -l 3 $imports "$ours" 2>&1 | grep -F "$(basename "$ours")")
	[ -z "$found" ]
	report $? "smilint finds nothing at level 3" "$found"
	broken=$(mktemp)
	sed 's/^    MAX-ACCESS  read-only/    MAX-ACCESS  read-nothing/' "$ours" >"$broken"
	[ -n "$(smilint -c /dev/null -l 3 $imports "$broken" 2>&1 | grep -F "$(basename "$broken")")" ]
	report $? "smilint finds a fault where there is one" ""
	rm -f "$broken"
else
	skip "smilint finds nothing at level 3" "smilint is not installed"
	skip "smilint finds a fault where there is one" "smilint is not installed"
fi

if ! command -v smidiff >/dev/null; then
	why="smidiff is not installed"
elif [ ! -r "$published" ]; then
	why="$published is not there"
else
	why=
fi
if [ -n "$why" ]; then
	skip "the structure is the published one" "$why"
	skip "smidiff finds a difference where there is one" "$why"
	exit
fi
differences() { # file
	smidiff -c /dev/null -l 9 -m $imports "$published" "$1" 2>&1 | grep "$(basename "$1")" |
		grep -Eiv "$words"
}
found=$(differences "$ours")
[ -z "$found" ]
report $? "the structure is the published one" "$found"
changed=$(mktemp)
sed '/^vrrpv3OperationsAddrCount OBJECT-TYPE/,/^$/s/read-only/read-create/' "$ours" >"$changed"
[ -n "$(differences "$changed")" ]
report $? "smidiff finds a difference where there is one" ""
rm -f "$changed"
