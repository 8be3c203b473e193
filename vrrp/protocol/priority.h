/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_PRIORITY_H
#define VRRP_PROTOCOL_PRIORITY_H

#include <stdint.h>

/* The priority to advertise: the configured one (1..255) and the sum of the tracked weights, kept
 * within 1..254; an owner's 255 is immune. */
uint8_t vrrp_priority_effective(uint8_t configured, int32_t tracked_sum);

#endif
