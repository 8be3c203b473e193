#!/bin/sh
# SPDX-License-Identifier: ISC
# The manual pages are free of errors, warnings and lapses of style.  Prints TAP.
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
echo "1..$number"
