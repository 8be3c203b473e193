#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the documents name is there: folders, files, pages of the package, ids of messages.  Prints TAP."""

import glob
import os
import re
import sys

TOP = os.environ.get("TOP_SRCDIR", os.path.join(os.path.dirname(__file__), "..", ".."))

# Not in the tree: made by what the text is about, of the package, or of another place.
ELSEWHERE = re.compile(r"^(build/|examples/$|net/ipv6/)")
# Where a program's source is beside what is built of it.
SOURCES = ("", ".c", ".py", ".in")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as stream:
        return stream.read()


def listed(pattern):
    return sorted(os.path.relpath(path, TOP) for path in glob.glob(os.path.join(TOP, pattern)))


def documents():
    return ["README.md", "CONTRIBUTING.md", "NEWS.md", *listed("docs/*.md")]


def there(path):
    return any(listed(path.rstrip("/") + end) for end in SOURCES)


def folder_rows(text):
    return set(re.findall(r"^\| `([\w/]+)/` \|", text, re.M))


def folders_without_row(rows):
    folders = {os.path.relpath(where, TOP) for part in ("agent", "check", "lib", "vrrp")
               for where, _, names in os.walk(os.path.join(TOP, part))
               if any(name.endswith((".c", ".h")) for name in names)}
    return [f"{folder} has no row" for folder in sorted(folders - rows)] + \
           [f"{folder} is not there" for folder in sorted(rows - folders)]


def named_paths(text):
    """In backquotes, with a folder; `{` and spaces make it something else."""
    return [path for path in re.findall(r"`([\w.*-]+/[\w./*-]*)`", text) if not ELSEWHERE.match(path)]


def missing_paths():
    return [f"{document}: {path}" for document in documents() for path in named_paths(read(document))
            if not there(path) and not there("docs/" + path)]


def installed(listing):
    """The files of a listing as dh_installdocs takes it: folders with all that is in them."""
    for line in listing.split():
        for path in listed(line):
            yield from listed(path + "/*") if os.path.isdir(os.path.join(TOP, path)) else [path]


def pointers(text):
    """The documents that a text names."""
    return set(re.findall(r"\b((?:[\w-]+/)*[\w-]+\.(?:md|svg))\b", text))


def dangling(documents_installed):
    places = set(documents_installed)
    return [f"{document} names {pointer}" for document in sorted(places) if document.endswith(".md")
            for pointer in sorted(pointers(read(document)))
            if not places & {pointer, os.path.join(os.path.dirname(document), pointer)} and there_as_document(pointer)]


def there_as_document(pointer):
    """Whether it is one of ours for readers, not a part of the tests."""
    return pointer in documents() or "docs/" + pointer in listed("docs/*")


def dangling_in_package():
    return dangling(installed(read("debian/docs")))


def unshipped_examples():
    """What README says of the package's folder of examples."""
    shipped = read("debian/examples") + read("etc/etc.am") + read("mibs/mibs.am")
    return [path for path in ("tests/conf/examples/", "etc/snmp/vrrp-agent-snmpd.conf")
            if path not in read("README.md") or path not in shipped]


def wrong_ids():
    """The ids that the pages name, by the line that they stand in: what the catalogue and the program have."""
    known = dict(re.findall(r'\{"[\w-]+", (?:"(\w+)"|NULL), "([0-9a-f]{32})"\}', read("agent/core/events/eventlog.c")))
    program = set(re.findall(r"[0-9a-f]{32}", read("agent/core/events/eventlog.c")))
    catalogue = set(re.findall(r"^-- ([0-9a-f]{32})$", read("etc/vrrp-agent.catalog"), re.M))
    named = [(page, line, number) for page in [*documents(), *listed("man/*.[1-8]")] for line in read(page).splitlines()
             for number in re.findall(r"\b[0-9a-f]{32}\b", line)]
    wrong = [f"the catalogue has not, or has too many: {number}" for number in program ^ catalogue]
    wrong += [f"{page}: no message has the id {number}" for page, _, number in named if number not in program]
    wrong += [f"{page}: {number} is not a transition to {state}" for page, line, number in named
              for state in re.findall(r"`VI_1: \w+ -> (\w+): ?`", line) if known.get(state) != number]
    return wrong if named else ["no page names an id"]


def selftest():
    """The rules themselves can fail."""
    wrong = []
    if not folders_without_row(folder_rows("| `lib/` | all |\n| `agent/` | a |\n")):
        wrong.append("a folder without a row is not noticed")
    if named_paths("`docs/none.md` of `/etc/x` or `a b/c`") != ["docs/none.md"] or there("docs/none.md"):
        wrong.append("a path that is not there is not noticed")
    if not dangling(["README.md"]) or "docs/scale.md" not in pointers(read("README.md")):
        wrong.append("a document that is not shipped is not noticed")
    if list(installed("docs NEWS.md")) != [*listed("docs/*"), "NEWS.md"]:
        wrong.append("a folder is not taken with all that is in it")
    return wrong


CHECKS = [
    ("the rules notice what they forbid", selftest),
    ("docs/architecture.md has a row for each folder",
     lambda: folders_without_row(folder_rows(read("docs/architecture.md")))),
    ("each file and folder that a document names is there", missing_paths),
    ("each document that one of the package names is in the package", dangling_in_package),
    ("the examples that README names are in the package", unshipped_examples),
    ("each id of a message is the program's", wrong_ids),
]


def main():
    print(f"1..{len(CHECKS)}")
    for number, (title, check) in enumerate(CHECKS, 1):
        findings = check()
        print(f"{'not ok' if findings else 'ok'} {number} - {title}")
        for finding in findings:
            print(f"#   {finding}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
