# SPDX-License-Identifier: ISC
import pytest

from applier_lab import Applier


@pytest.fixture
def host(network):
    """192.0.2.1/24 and fe80::1/64 on eth0."""
    return network.host("a")


@pytest.fixture
def appliers(tmp_path):
    """appliers(host) starts one; all are stopped, and must have ended well, at the end."""
    made = []

    def make(host, **options):
        applier = Applier(host, tmp_path, **options)
        made.append(applier)
        return applier

    yield make
    for applier in made:
        if applier._process.returncode != -9:
            applier.stop()
        applier.errors.close()
