/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_PROCESSTRACK_H
#define CHECK_TRACK_PROCESSTRACK_H

#include "check/track/registry.h"

#include <stdbool.h>
#include <stdint.h>

/* vrrp_track_process: so many processes run.  All of them share one watch (check/track/process.h).
 * While there is any, the supervisor is asked for the kernel's process connector. */

extern const struct registry_kind processtrack_kind;

/* The supervisor's answer: the connector's socket, taken over, or a negative errno. */
void processtrack_connect(int fd);

/* The receive buffer that the connector is to have, as process_monitor_rcv_bufs says: octets, 0:
 * the usual one.  Another one than before is asked for. */
void processtrack_set_buffer(uint32_t octets, bool force);

#endif
