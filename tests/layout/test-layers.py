#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Dependencies between the folders point one way, and vrrp/protocol stays pure.  Prints TAP."""

import os
import re
import subprocess
import sys

TOP = os.environ.get("TOP_SRCDIR", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("TOP_BUILDDIR", TOP)

# Folder: the folders it may include from, besides itself.
LAYERS = {
    "lib": set(),
    "vrrp/protocol": {"lib/cursor.h", "lib/hot.h"},
    "vrrp/net": {"lib", "vrrp/protocol"},
    "vrrp/applier": {"lib", "vrrp/protocol", "vrrp/net"},
    "vrrp": {"lib", "vrrp/protocol", "vrrp/net", "vrrp/applier"},
    "check/config": {"lib"},
    "check/script": {"lib"},
    "check/notify": {"lib", "check/config", "check/script"},
    "check/mail": {"lib", "check/config"},
    "check/track": {"lib", "check/script"},
    "check": {"lib", "check/config", "check/script", "check/notify", "check/mail", "check/track"},
    "agent/conf/text": set(),
    "agent/conf": {"lib", "vrrp/protocol", "agent/conf/text"},
    "agent/core": {"lib", "vrrp/protocol", "vrrp/net", "vrrp", "agent/conf", "agent/conf/text"},
    "agent/snmp": {"lib", "vrrp/protocol", "vrrp"},
    "agent/ctl": {"lib/fullio.h", "lib/masterpath.h"},
    "agent": {"lib", "vrrp/protocol", "vrrp/net", "vrrp/applier", "vrrp", "check", "check/track",
              "agent/conf", "agent/conf/text", "agent/core", "agent/snmp"},
}

# What the protocol library may take from outside: memory and string functions, digests, the
# compiler's own.  No socket, no clock, no allocator, no log.
PURE = re.compile(r"^(mem(cpy|move|set|cmp)|str(n?len|n?cmp)|nettle_(hmac_md5_(set_key|update|digest)|memeql_sec)"
                  r"|bsearch|__stack_chk_fail"
                  r"|__(asan|ubsan|tsan)_\w+|__sanitizer_\w+|_GLOBAL_OFFSET_TABLE_|__mem\w+_chk)$")

# What every process of the program is to load.  Others are loaded by the one that uses them (lib/library.h).
LINKED = {"libc", "libcap", "libjansson", "libnettle", "libnl-3", "libnl-route-3", "libsystemd"}
SANITIZER = re.compile(r"lib([alt]san|ubsan|m|gcc_s|stdc\+\+)$")


def room(path):
    """The folder of LAYERS that a file belongs to."""
    return max((layer for layer in LAYERS if path.startswith(layer + "/")), key=len, default=None)


def sources():
    for folder in ("lib", "vrrp", "check", "agent"):
        for where, _, names in os.walk(os.path.join(TOP, folder)):
            for name in names:
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(where, name), TOP)


def includes(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as stream:
        return re.findall(r'^\s*#\s*include\s+"([^"]+)"', stream.read(), re.M)


def forbidden(path, included):
    here, there = room(path), room(included)
    if there is None or here == there:
        return False
    return there not in LAYERS[here] and included not in LAYERS[here]


def module(path):
    return os.path.splitext(path)[0]


def upward_includes():
    return [f"{path} includes {included}" for path in sources() for included in includes(path)
            if forbidden(path, included)]


def circles():
    """Modules (a source file and its header count as one) that include each other, directly or not."""
    graph = {}
    for path in sources():
        graph.setdefault(module(path), set()).update(
            module(i) for i in includes(path) if os.path.exists(os.path.join(TOP, i)))
    return in_circles({start: there - {start} for start, there in graph.items()})


def in_circles(graph):
    def reaches(start):
        seen, todo = set(), list(graph.get(start, []))
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += graph.get(node, [])
        return seen
    return sorted(node for node in graph if node in reaches(node))


def unclean_symbols():
    library = os.path.join(BUILD, "vrrp/protocol/libprotocol.a")
    out = subprocess.run(["nm", "-A", library], capture_output=True, text=True, check=True).stdout
    defined = {line.split()[-1] for line in out.splitlines() if " U " not in line and line.split()}
    wanted = {line.split()[-1] for line in out.splitlines() if " U " in line}
    assert defined and wanted, "the library has no symbols to look at"
    return sorted(symbol for symbol in wanted - defined if not PURE.match(symbol))


def loaded_everywhere():
    """Each library that the program is linked to costs time and memory in all of its processes."""
    out = subprocess.run(["readelf", "-d", os.path.join(BUILD, "vrrp-agent")],
                         capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(\w[\w-]*?)\.so", out))
    assert "libc" in needed, "the program's libraries can't be told"
    return [f"{name} is linked; load it where it is used" for name in sorted(needed)
            if name not in LINKED and not name.startswith("ld-linux") and not SANITIZER.match(name)]


def selftest():
    """The rules themselves can fail."""
    wrong = []
    if not forbidden("lib/board.c", "vrrp/status.h") or not forbidden("check/script/script.c", "agent/core/core.h"):
        wrong.append("an upward include is not noticed")
    if forbidden("agent/core/core.c", "lib/board.h"):
        wrong.append("a downward include is refused")
    if PURE.match("clock_gettime") or PURE.match("malloc") or PURE.match("syslog") or PURE.match("sendto"):
        wrong.append("an impure symbol is not noticed")
    if module("vrrp/groups.c") != module("vrrp/groups.h") or in_circles({"a": {"b"}, "b": {"c"}, "c": set()}) \
            or in_circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) != ["b", "c"]:
        wrong.append("a circle is not noticed, or one is seen where there is none")
    return wrong


CHECKS = [
    ("the rules notice what they forbid", selftest),
    ("folders depend one way only", upward_includes),
    ("no module includes itself by a detour", circles),
    ("the program is linked to what all its processes use", loaded_everywhere),
    ("vrrp/protocol uses no socket, clock, allocator or log", unclean_symbols),
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
