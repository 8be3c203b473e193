# SPDX-License-Identifier: ISC
"""How long the kernel runs eBPF programs for a device: in the receiving interrupt, on no process's account."""

import ctypes
import os
from collections import namedtuple
from contextlib import contextmanager

_RUN_TIME = 0  # enum bpf_stats_type
_PROGRAM = "anon_inode:bpf-prog"

Runs = namedtuple("Runs", "count seconds")


@contextmanager
def counted():
    """Meanwhile the kernel counts them; it ends by itself when the bench dies, which a sysctl would not. Each run then
    takes two looks at the clock more, of which about one is in what is counted."""
    descriptor = ctypes.CDLL("libbpf.so.1", use_errno=True).bpf_enable_stats(_RUN_TIME)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "the kernel does not count eBPF programs")
    try:
        yield
    finally:
        os.close(descriptor)


def _fields(pid, descriptor):
    with open(f"/proc/{pid}/fdinfo/{descriptor}", encoding="ascii") as stream:
        return dict(line.split(":\t", 1) for line in stream.read().splitlines())


def _programs(pids):
    """{number: fields} of each program that one of these processes has a descriptor of."""
    found = {}
    for pid in pids:
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            try:
                if os.readlink(f"/proc/{pid}/fd/{descriptor}") == _PROGRAM:
                    fields = _fields(pid, descriptor)
                    found[fields["prog_id"]] = fields
            except FileNotFoundError:
                continue  # closed in between
    return found.values()


def runs(pids):
    """Of all programs of these processes together, since they were loaded, while they were counted. None: they have
    no program."""
    programs = _programs(pids)
    return Runs(sum(int(of["run_cnt"]) for of in programs), sum(int(of["run_time_ns"]) for of in programs) / 1e9
                ) if programs else None
