# SPDX-License-Identifier: ISC
"""Every aim that there are figures for: our figure as a part of keepalived's, and the aim beside it."""

from . import aims
from .drawing import cross, dot, line, scale, text
from .summary import OURS, THEIRS, judged, limit, measured, named

LINE, GAP, HEAD = 20, 8, 74
LEFT, RIGHT = 424, 694
# Right ends of the columns of figures, and where the verdict begins.
OURS_AT, THEIRS_AT, VERDICT_AT = 786, 876, 892
# Of keepalived's figure: the range.
LEAST, MOST = 0.01, 10


def _place(part):
    return scale(part, LEAST, MOST, LEFT, RIGHT)


def _heading(top):
    yield text(20, top + 8, "What is aimed at: vrrp-agent's figure as a part of keepalived's (further left is better)",
               "title")
    for x, mark, words in ((26, dot, "aim met"), (106, cross, "aim missed")):
        yield mark(x, top + 28, "met" if mark is dot else "missed")
        yield text(x + 10, top + 32, words)
    yield line(213, top + 21, 213, top + 35, "aim")
    yield text(221, top + 32, "the aim: at most here")
    for x, anchor, words in ((OURS_AT, "end", OURS), (THEIRS_AT, "end", THEIRS)):
        yield text(x, top + HEAD - 16, words, "faint", anchor)


def _axis(top, bottom):
    for value, words in ((0.01, "1/100 or less"), (0.1, "1/10"), (1, "keepalived's"), (10, "10 x")):
        yield line(_place(value), top, _place(value), bottom, "theirs" if value == 1 else "grid")
        for y in (top - 8, bottom + 15):
            yield text(_place(value), y, words, "faint", "middle")


def _line(row, aim, met, y):
    ours, theirs = (row.statistic(kind, aim.statistic) for kind in (OURS, THEIRS))
    yield text(LEFT - 12, y + 4, named(row, aim), "faint", "end")
    yield line(LEFT, y, RIGHT, y, "grid")
    if theirs:
        most = limit(row, aim) / theirs
        if most:
            yield line(_place(most), y - 7, _place(most), y + 7, "aim")
        yield (dot if met else cross)(_place(ours / theirs), y, "met" if met else "missed")
    for x, kind in ((OURS_AT, OURS), (THEIRS_AT, THEIRS)):
        yield text(x, y + 4, measured(row, kind, aim.statistic), "faint", "end")
    yield text(VERDICT_AT, y + 4, "met" if met else "missed", "met" if met else "missed")


def drawn(rows, top):
    """(pieces, height)."""
    parts, y, measure = [], top + HEAD + LINE / 2, None
    for row, aim, met in judged(rows):
        y += GAP if measure not in (None, row.measure) else 0
        measure = row.measure
        parts += _line(row, aim, met, y)
        y += LINE
    if not parts:
        return [], 0
    bottom = y - LINE / 2
    return [*_heading(top), *_axis(top + HEAD, bottom), *parts], bottom + 50 - top
