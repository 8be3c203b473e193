#!/bin/sh
# SPDX-License-Identifier: ISC
# Turns of the engine one by one, in a network of their own.
. "${0%/*}/network.sh"
