# SPDX-License-Identifier: ISC
"""All measures: who imports this finds them in MEASURES, in this order."""

from . import failover, startup, load, snmpmeasures, snmpevents  # noqa: F401  pylint: disable=unused-import
from .registry import MEASURES  # noqa: F401  pylint: disable=unused-import
