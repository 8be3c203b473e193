# SPDX-License-Identifier: ISC
"""Virtual routers on bonds and dummies."""

import pytest

from harness.config import Instance, configuration
from harness.wait import observe, wait_for

BONDED = Instance("bonded", 51, ("198.51.100.1/24", "fe80::5e:1/64")[:1], interface="bond0")
BONDED_SIX = BONDED.but(name="bonded_six", addresses=("fe80::5e:1/64", "2001:db8:1::5e:1/64"))
