# SPDX-License-Identifier: ISC
"""What confines agentx, under an older kernel: Debian 12's has the second version of Landlock."""

import os

import pytest

from harness.process import run

pytestmark = [pytest.mark.agent_only, pytest.mark.unsanitized]


def test_second_version():
    """The unit test, attempt by attempt; there it knows what Landlock leaves to the filter."""
    assert os.uname().release.startswith("6.1."), os.uname().release
    top = os.environ["TOP_BUILDDIR"]
    done = run([os.path.join(top, "tests", "unit", "test-confine")], check=False, timeout=600)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "SKIP" not in said, said
