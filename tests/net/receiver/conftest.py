# SPDX-License-Identifier: ISC
import os

import pytest

from receiver_lab import Lab, Receiver, remove_leftovers


@pytest.fixture(scope="session", autouse=True)
def no_leftovers():
    remove_leftovers()


@pytest.fixture(scope="session", autouse=True)
def one_processor():
    """Frames of a veth pair keep their order only as long as their sender stays on a processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture
def lab():
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    made = Lab()
    yield made
    made.remove()


@pytest.fixture
def receiver(lab):
    """The receiver without any membership."""
    made = Receiver(lab)
    yield made
    made.stop()


@pytest.fixture
def joined(receiver):
    """The receiver with both groups joined on eth0."""
    receiver.join()
    return receiver
