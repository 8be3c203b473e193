# SPDX-License-Identifier: ISC
"""The pytest plugin that runs tests inside the guest: several modules at once, each in a process of its own.

They are forked when everything is imported, since importing is what an emulated processor is slow at. What
they report goes as a line of JSON for each test to the file that VRRP_GUEST names.
"""

import itertools
import json
import os
import selectors
import signal
import time
import traceback

from _pytest.runner import runtestprotocol

AT_ONCE = 6
# Seconds of the guest for a module.
LIMIT = 300


class _Module:
    """A module's tests in their process; its results come through a pipe, and are kept in whole lines."""

    def __init__(self, items):
        self.until = time.monotonic() + LIMIT
        self._unfinished = b""
        read, write = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(read)
            _child(items, write)
        os.close(write)
        self.pipe = read

    def read(self):
        """Hands on what came; False at the end."""
        piece = os.read(self.pipe, 1 << 16)
        *lines, self._unfinished = (self._unfinished + piece).split(b"\n")
        with open(os.environ["VRRP_GUEST"], "ab") as stream:
            stream.write(b"".join(line + b"\n" for line in lines))
        return bool(piece)

    def end(self):
        os.close(self.pipe)
        os.waitpid(self.pid, 0)


def _child(items, pipe):
    """Never returns."""
    try:
        for item, following in zip(items, [*items[1:], None]):
            reports = runtestprotocol(item, log=False, nextitem=following)
            plain = [item.config.hook.pytest_report_to_serializable(config=item.config, report=report)
                     for report in reports]
            text = json.dumps({"nodeid": item.nodeid, "reports": plain}, default=str).encode() + b"\n"
            while text:
                text = text[os.write(pipe, text):]
    except BaseException:  # pylint: disable=broad-except
        with open("/dev/console", "w", encoding="utf-8") as console:
            traceback.print_exc(file=console)
    finally:
        os._exit(0)


def pytest_runtestloop(session):
    """Instead of pytest's own: AT_ONCE modules at a time."""
    if session.testsfailed:
        return None
    waiting = [list(items) for _, items in itertools.groupby(session.items, key=lambda item: item.path)]
    with selectors.DefaultSelector() as pipes:
        while waiting or pipes.get_map():
            while waiting and len(pipes.get_map()) < AT_ONCE:
                module = _Module(waiting.pop(0))
                pipes.register(module.pipe, selectors.EVENT_READ, module)
            for key, _ in pipes.select(1):
                if not key.data.read():
                    pipes.unregister(key.fd)
                    key.data.end()
            for key in list(pipes.get_map().values()):
                if time.monotonic() > key.data.until:
                    os.kill(key.data.pid, signal.SIGKILL)
    return True
