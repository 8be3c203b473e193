# SPDX-License-Identifier: ISC
"""One thread of a program held up at a system call, as a lock of the kernel's may hold it; the others go on."""

import os

from .process import Process, name_of
from .wait import wait_for


def thread_of(pid, name):
    """The number of the process's thread of that name."""
    return next(int(tid) for tid in os.listdir(f"/proc/{pid}/task") if name_of(f"{pid}/task/{tid}") == name)


def is_held(tid):
    """Whether it stands where its tracer keeps it."""
    with open(f"/proc/{tid}/stat", encoding="utf-8") as stream:
        return stream.read().rpartition(")")[2].split()[0] == "t"


def hold(tid, call, seconds, folder, when=1):
    """The thread's next call of that name (or the one after so many) takes so long. Returns the tracer."""
    log = os.path.join(str(folder), f"hold-{tid}")
    tracer = Process(["strace", "-p", str(tid), "-e", f"trace={call}", "-e",
                      f"inject={call}:delay_enter={int(seconds * 1000000)}:when={when}", "-o", f"{log}.trace"], log)
    wait_for(lambda: "attached" in tracer.log(), 10, tracer.log)
    return tracer
