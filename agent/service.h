/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SERVICE_H
#define AGENT_SERVICE_H

#include "vrrp/status.h"

#include <stdbool.h>
#include <stdint.h>

/* What systemd is told (sd_notify), if it listens.  Supervisor thread. */

void service_ready(void);
void service_reloading(void);

/* We stop, or go on with that, or prepare for it: from now on it takes that many µs at most,
 * however little the unit allows (TimeoutStopSec=). */
void service_stopping(uint64_t usec);
void service_extend(uint64_t usec);

/* STATUS= with the number of virtual routers in each state. */
void service_status(const struct status_engine *engine);

/* How often the watchdog wants to hear of us, in µs; 0: it does not. */
uint64_t service_watchdog_usec(void);

/* Leaves a descriptor with systemd, under a name, for the next start of the service; takes back all
 * of that name.  0 or a negative errno. */
int service_store(const char *name, int fd);
void service_forget(const char *name);

/* Waits until systemd has read all it was sent, at most so long.  0 or a negative errno. */
#define SERVICE_FLUSH_USEC 5000000ull
int service_flush(void);

/* Whether systemd is stopping this service in order to start it again.  May block for a second. */
bool service_is_restarting(void);

/* After a start that failed for what may pass by itself: under systemd, which starts the program
 * again at once, it waits a second, or until it is to stop.  SIGTERM and SIGINT are blocked. */
void service_pause(void);

/* The engine lives. */
void service_watchdog_feed(void);

#endif
