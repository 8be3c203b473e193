# SPDX-License-Identifier: ISC
"""When something was out of order on purpose: the times for which nobody is to blame."""

FOREVER = float("inf")
# Nothing that is judged looks back further.
KEPT = 120


class Windows:
    """Of each thing, any hashable, the spans of the wall clock in which it was out of order."""

    def __init__(self):
        self._spans = {}

    def begin(self, thing, now):
        """From now on. One that has begun already goes on."""
        spans = self._spans.setdefault(thing, [])
        if not spans or spans[-1][1] != FOREVER:
            spans.append([now, FOREVER])

    def end(self, thing, now):
        spans = self._spans.get(thing)
        if spans and spans[-1][1] == FOREVER:
            spans[-1][1] = now
        while spans and spans[0][1] < now - KEPT:
            spans.pop(0)

    def whole_since(self, things, moment):
        """Since when all of them had been in order at that moment; None: not all were. 0: ever since."""
        since = 0.0
        for thing in things:
            for begin, end in self._spans.get(thing, ()):
                if begin <= moment < end:
                    return None
                if end <= moment:
                    since = max(since, end)
        return since

    def break_after(self, things, moment):
        """When the first of them fell out of order that was in order at that moment."""
        return min((begin for thing in things for begin, _ in self._spans.get(thing, ()) if begin > moment),
                   default=FOREVER)
