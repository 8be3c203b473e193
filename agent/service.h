/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SERVICE_H
#define AGENT_SERVICE_H

#include "vrrp/status.h"

#include <stdint.h>

/* What systemd is told (sd_notify), if it listens.  Supervisor thread. */

void service_ready(void);
void service_reloading(void);
void service_stopping(void);

/* STATUS= with the number of virtual routers in each state. */
void service_status(const struct status_engine *engine);

/* How often the watchdog wants to hear of us, in µs; 0: it does not. */
uint64_t service_watchdog_usec(void);

/* The engine lives. */
void service_watchdog_feed(void);

#endif
