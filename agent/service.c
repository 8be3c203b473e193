/* SPDX-License-Identifier: ISC */
#include "agent/service.h"

#include "lib/clock.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>

void service_ready(void)
{
	sd_notify(0, "READY=1");
}

void service_reloading(void)
{
	sd_notifyf(
		0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, (uint64_t)(clock_now() / NSEC_PER_USEC));
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void service_status(const struct status_engine *engine)
{
	const uint64_t *routers = engine->routers;

	sd_notifyf(0,
		"STATUS=%" PRIu64 " active, %" PRIu64 " backup, %" PRIu64 " fault, %" PRIu64
		" initialize",
		routers[VRRP_STATE_ACTIVE], routers[VRRP_STATE_BACKUP], routers[VRRP_STATE_FAULT],
		routers[VRRP_STATE_INITIALIZE]);
}

uint64_t service_watchdog_usec(void)
{
	uint64_t usec = 0;

	return sd_watchdog_enabled(0, &usec) > 0 ? usec : 0;
}

void service_watchdog_feed(void)
{
	sd_notify(0, "WATCHDOG=1");
}
