#!/bin/sh
# SPDX-License-Identifier: ISC
# A release's archive has every test: automake takes only what it is told of.  Prints TAP.
top=${TOP_SRCDIR:-$(dirname "$0")/../..}
cd "$top" || exit 99
echo "1..1"
missing=
for file in tests/*.py tests/*/*.py tests/*/*.sh tests/guest/* docs/*.md man/*.[1-8]; do
	grep -qrF --include='*.am' "$file" Makefile.am agent check etc lib man mibs tests vrrp || missing="$missing $file"
done
if [ -z "$missing" ]; then
	echo "ok 1 - every test and document is distributed"
else
	echo "not ok 1 - every test and document is distributed"
	printf '# %s\n' $missing
fi
