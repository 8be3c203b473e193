#!/bin/sh
# SPDX-License-Identifier: ISC
# A hundred thousand transitions, in a network of its own.
. "${0%/*}/network.sh"
