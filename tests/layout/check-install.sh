#!/bin/sh
# SPDX-License-Identifier: ISC
# What is installed goes where it is told, can be left out, and is taken away again.  Prints TAP.
top=$(cd "${TOP_SRCDIR:-$(dirname "$0")/../..}" && pwd)
build=${TOP_BUILDDIR:-.}
tree=$(mktemp -d) || exit 99
trap 'rm -rf "$tree"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR

number=0
tell() { # tell WHAT STATUS TEXT: one line of TAP, and what was seen if it is not well
	number=$((number + 1))
	if [ "$2" = 0 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "$3" | sed 's/^/# /'
	fi
}
has() { printf '%s\n' "$1" | grep -q -e "$2"; }

echo "1..8"
said=$(make -s -C "$build" install DESTDIR="$tree/root" 2>&1)
tell "make install" $? "$said"
missing=
for file in sbin/vrrp-agent bin/vrrpctl man5/vrrp-agent.conf.5 VRRP-AGENT-VRRPV3-MIB.txt vrrp-agent.service; do
	find "$tree/root" -type f | grep -q "/$file$" || missing="$missing $file"
done
tell "nothing is missing" "$([ -z "$missing" ]; echo $?)" "$missing"
said=$(make -s -C "$build" uninstall DESTDIR="$tree/root" >/dev/null 2>&1; find "$tree/root" ! -type d -o -name vrrp-agent)
tell "make uninstall leaves no file, and no folder of ours" "$([ -z "$said" ]; echo $?)" "$said"

# A host of another kind, as far as configure can tell: nothing that is built for it may be run.
machine=$(${CC:-gcc} -dumpmachine)
mkdir "$tree/cross" && cd "$tree/cross" || exit 99
said=$("$top/configure" -q --prefix=/opt/product --build="$machine" --host="${machine%%-*}-other-linux-gnu" CC="${CC:-gcc}" \
	--without-systemdsystemunitdir --without-mibdir --without-bpf 2>&1)
tell "configure for another host" $? "$said"
plan=$(make -n install 2>&1)
! has "$plan" 'systemd/\(system\|catalog\)' && ! has "$plan" 'sysusers.d' && ! has "$plan" 'tmpfiles.d'
tell "nothing for systemd" $? "$plan"
! has "$plan" 'VRRPV3-MIB.txt'
tell "no MIB modules" $? "$plan"
! has "$plan" 'man/manual-words >'
tell "no program of the other host is run" $? "$plan"
said=$(make man/vrrp-agent.conf.5 2>&1)
status=$?
if [ -e "$top/man/vrrp-agent.conf.5" ]; then
	tell "the manual page of the archive is taken" "$status" "$said"
else
	has "$said" "make dist"
	tell "without the archive's manual page it is said where it comes from" $? "$said"
fi
