#!/bin/sh
# SPDX-License-Identifier: ISC
# Our MIB modules: without fault for smilint, and the same in structure as the published ones, which
# keepalived's package has.  Output is TAP.
set -u

top=${TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
mibs=$top/mibs
published=${PUBLISHED_MIBS:-/usr/share/snmp/mibs}
imports=
for module in SNMPv2-SMI SNMPv2-TC SNMPv2-CONF IF-MIB INET-ADDRESS-MIB; do
	imports="$imports -p $top/tests/mibs/$module"
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# smidiff's findings that are not about structure: who wrote what, and that the RFC gave no hint how to
# show a VRID.
words='no format specification|description|reference|contact|organization|last updat|revision|previous definition'

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

# What is found in the imports, whose basic types only libsmi's own pass for right, is not ours.
lint() { # file, -p MODULE...
	file=$1
	shift
	smilint -c /dev/null -l 3 $imports "$@" "$file" 2>&1 | grep -F "$(basename "$file")"
}
differences() { # published, ours
	smidiff -c /dev/null -l 9 -m $imports "$1" "$2" 2>&1 | grep -F "$(basename "$2")" |
		grep -Eiv "$words"
}

lint_tests() { # name, sed command that breaks it, -p MODULE...
	file=$mibs/VRRP-AGENT-$1.txt
	broken=$scratch/VRRP-AGENT-$1.txt
	name=$1
	sed "$2" "$file" >"$broken"
	shift 2
	found=$(lint "$file" "$@")
	[ -z "$found" ]
	report $? "$name: smilint finds nothing at level 3" "$found"
	[ -n "$(lint "$broken" "$@")" ]
	report $? "$name: smilint finds a fault where there is one" ""
}
diff_tests() { # name, published file, sed command that changes it
	file=$mibs/VRRP-AGENT-$1.txt
	if [ ! -r "$published/$2" ]; then
		skip "$1: the structure is the published one" "$published/$2 is not there"
		skip "$1: smidiff finds a difference where there is one" "$published/$2 is not there"
		return
	fi
	changed=$scratch/changed-$1.txt
	found=$(differences "$published/$2" "$file")
	[ -z "$found" ]
	report $? "$1: the structure is the published one" "$found"
	sed "$3" "$file" >"$changed"
	[ -n "$(differences "$published/$2" "$changed")" ]
	report $? "$1: smidiff finds a difference where there is one" ""
}

# The statements that sysORTable names are those of the capabilities module.
values_test() {
	prefix=$(sed -n 's/^#define MIB_CAPABILITIES  *//p' "$top/agent/snmp/column.h" | tr -d ' ' | tr , .)
	stated=$(smidump -c /dev/null -q -f identifiers $imports -p "$mibs/VRRP-AGENT-VRRP-MIB.txt" \
		-p "$mibs/VRRP-AGENT-VRRPV3-MIB.txt" "$mibs/VRRP-AGENT-CAPABILITIES.txt" |
		awk '$1 == "VRRP-AGENT-CAPABILITIES" { print $NF }' | sort)
	served=$( (echo "$prefix" && sed -n "s/.*\.capabilities = \([0-9]*\),.*/$prefix.\1/p" \
		"$top/agent/snmp/modules.c") | sort)
	[ -n "$prefix" ] && [ "$stated" = "$served" ]
	report $? "sysORTable names the statements there are" "stated: $stated
served: $served"
}

echo 1..11
for tool in smilint smidiff smidump; do
	command -v $tool >/dev/null && continue
	while [ $number -lt 11 ]; do
		skip "the MIB modules are right" "$tool is not installed"
	done
	exit
done
access='s/^    MAX-ACCESS  read-only/    MAX-ACCESS  read-nothing/'
lint_tests VRRPV3-MIB "$access"
lint_tests VRRP-MIB "$access"
lint_tests CAPABILITIES 's/vrrpv3InfoGroup/vrrpv3NoGroup/' \
	-p "$mibs/VRRP-AGENT-VRRP-MIB.txt" -p "$mibs/VRRP-AGENT-VRRPV3-MIB.txt"
diff_tests VRRPV3-MIB VRRPv3-MIB.txt \
	'/^vrrpv3OperationsAddrCount OBJECT-TYPE/,/^$/s/read-only/read-create/'
diff_tests VRRP-MIB VRRP-MIB.txt '/^vrrpOperIpAddrCount OBJECT-TYPE/,/^$/s/read-only/read-create/'
values_test
