#!/bin/sh
# SPDX-License-Identifier: ISC
# tests/build says what keeps it from building.  Prints TAP.
top=${TOP_SRCDIR:-$(dirname "$0")/../..}
tree=$(mktemp -d) || exit 99
trap 'rm -rf "$tree"' EXIT

ask() { "$tree/tests/build" "$@" 2>&1; }

mkdir "$tree/tests" && cp "$top/tests/build" "$tree/tests/" || exit 99
printf 'exit 0\n' >"$tree/configure" && chmod +x "$tree/configure"
echo "1..3"
said=$(ask nonsense) && echo "not ok 1 - a build that is not known" ||
	case $said in *'no build "nonsense"'*) echo "ok 1 - a build that is not known" ;; *) echo "not ok 1 - $said" ;; esac
: >"$tree/config.status"
said=$(ask plain) && echo "not ok 2 - a source folder that is configured" ||
	case $said in *'make distclean'*) echo "ok 2 - a source folder that is configured" ;; *) echo "not ok 2 - $said" ;; esac
[ -e "$tree/build" ] && echo "not ok 3 - nothing is begun" || echo "ok 3 - nothing is begun"
