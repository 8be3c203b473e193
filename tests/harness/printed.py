# SPDX-License-Identifier: ISC
"""What README, docs and manual print between fences, and as commands in their text."""

import os
import re

TOP = os.path.join(os.path.dirname(__file__), "..", "..")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as stream:
        return stream.read()


def blocks(name):
    """Of a page in Markdown or mdoc: each literal block, in order."""
    form = r"^```\w*\n(.*?)^```" if name.endswith(".md") else r"^\.Bd -literal.*?\n(.*?)^\.Ed"
    return [block.replace("\\e", "\\") for block in re.findall(form, read(name), re.M | re.S)]


def quoted(text, *programs):
    """The commands of these programs that a text in Markdown or mdoc has in quotes, in order."""
    found = re.findall(r"`([^`\n]+)`|^\.Ql (.+?)(?: [.,;])?$", text, re.M)
    return [one or other for one, other in found if (one or other).split()[0] in programs]
