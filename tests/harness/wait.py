# SPDX-License-Identifier: ISC
"""Waiting for conditions, and looking on for a bounded while."""

import os
import time

# In the guest, where the processor is emulated, looking costs what the programs under test need.
POLL = 0.2 if "VRRP_GUEST" in os.environ else 0.01


class Timeout(AssertionError):
    """A condition did not come true in time."""


def wait_for(condition, timeout, what, poll=POLL):
    """Returns the first true value of condition(); raises Timeout with `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            text = what() if callable(what) else what
            raise Timeout(f"not seen within {timeout:g} s: {text}")
        time.sleep(poll)


def observe(seconds, why, forbidden=None):
    """A window in which nothing is expected to happen: `why` names it.

    Fails at once when forbidden() returns something true.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if forbidden is not None:
            value = forbidden()
            assert not value, f"{why}: {value}"
        time.sleep(min(left, 5 * POLL))
