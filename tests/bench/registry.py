# SPDX-License-Identifier: ISC
"""What a measure is, and the table of all of them.

    @measure(brief=[{"routers": 1000}], sweep=[{"routers": 1}, {"routers": 10}], smoke=[{"routers": 2}],
             seconds=lambda routers: 5 + routers / 1000)
    def start(kind, routers):
        '''One line that says what it is.'''
        yield Reading("start to the last first advertisement", "ms", [...], routers=routers)

Such a function is one trial with one kind of device (a class of harness.device); each dict is a case, and has its
arguments. What it leaves behind when it fails is its own to clean up.
"""

from dataclasses import dataclass
from typing import Callable

MEASURES = {}
# What was said of the trial that goes on.
NOTES = []


def note(text):
    """What else must be known of this trial."""
    NOTES.append(text)


@dataclass(frozen=True)
class Reading:
    """What one trial found of a quantity; routers and interval (s) where they are part of what it is."""

    name: str
    unit: str
    values: list
    routers: int = None
    interval: float = None


@dataclass(frozen=True)
class Measure:
    """brief: what the aims ask for; sweep: more; smoke: seconds, which show that it works. trials: not more than
    so many. seconds(**case): about how long one trial of one device takes."""

    name: str
    run: Callable
    cases: dict
    seconds: Callable
    trials: int

    def chosen(self, selections):
        """The cases of some selections, each once."""
        found = []
        for selection in selections:
            found += [case for case in self.cases[selection] if case not in found]
        return found


def measure(smoke, seconds, brief=(), sweep=(), trials=100):
    def add(function):
        cases = {"brief": list(brief), "sweep": list(sweep), "smoke": list(smoke)}
        MEASURES[function.__name__] = Measure(function.__name__, function, cases, seconds, trials)
        return function

    return add
