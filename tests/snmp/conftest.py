# SPDX-License-Identifier: ISC
"""The agentx process of a driver behind a real snmpd."""

import pytest

from world import RFCV3, TRAPS, World


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def served(world):
    """snmpd and agentx, attached, with notifications on; the driver."""
    world.start_trapd()
    world.start_snmpd()
    driver = world.start_driver()
    driver.tell(f"image {TRAPS | RFCV3}")
    world.wait_served()
    return driver
