# SPDX-License-Identifier: ISC
"""The picture of docs/benchmarks.md: every aim and how far we are from it, then curves over the number of routers."""

from . import aimchart, curves
from .drawing import document

TOP = 20


def svg(rows):
    parts, top = [], TOP
    for part in (aimchart, curves):
        pieces, height = part.drawn(rows, top)
        parts += pieces
        top += height
    return document(round(top + TOP / 2), parts)
