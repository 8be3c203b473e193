/* SPDX-License-Identifier: ISC */
#include "agent/service.h"

#include "lib/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define SYSTEMD	 "org.freedesktop.systemd1"
#define ASK_USEC 500000ull

void service_ready(void)
{
	sd_notify(0, "READY=1");
}

void service_reloading(void)
{
	sd_notifyf(
		0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, (uint64_t)(clock_now() / NSEC_PER_USEC));
}

void service_stopping(uint64_t usec)
{
	sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRIu64, usec);
}

void service_extend(uint64_t usec)
{
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, usec);
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

int service_store(const char *name, int fd)
{
	char text[128];
	int sent;

	snprintf(text, sizeof(text), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	sent = sd_pid_notify_with_fds(0, 0, text, &fd, 1);
	return sent > 0 ? 0 : sent < 0 ? sent : -ENOTCONN;
}

void service_forget(const char *name)
{
	sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}

int service_flush(void)
{
	int done = sd_notify_barrier(0, SERVICE_FLUSH_USEC);

	return done > 0 ? 0 : done < 0 ? done : -ENOTCONN;
}

/* The kind of the job that systemd has for the unit of this process. */
static int read_job(sd_bus *bus, char **kind)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *answer = NULL, *job = NULL;
	const char *path = NULL;
	uint32_t number = 0;
	int result = sd_bus_call_method(bus, SYSTEMD, "/org/freedesktop/systemd1",
		SYSTEMD ".Manager", "GetUnitByPID", &error, &answer, "u", (uint32_t)getpid());

	if (result >= 0)
		result = sd_bus_message_read(answer, "o", &path);
	if (result >= 0)
		result = sd_bus_get_property(
			bus, SYSTEMD, path, SYSTEMD ".Unit", "Job", &error, &job, "(uo)");
	if (result >= 0)
		result = sd_bus_message_read(job, "(uo)", &number, &path);
	if (result >= 0 && !number)
		result = -ENOENT;
	if (result >= 0)
		result = sd_bus_get_property_string(
			bus, SYSTEMD, path, SYSTEMD ".Job", "JobType", &error, kind);
	sd_bus_message_unref(answer);
	sd_bus_message_unref(job);
	sd_bus_error_free(&error);
	return result;
}

/* Systemd's own socket, since there need not be a message bus. */
static int connect_systemd(sd_bus **bus)
{
	int result = sd_bus_new(bus);

	if (result >= 0)
		result = sd_bus_set_address(*bus, "unix:path=/run/systemd/private");
	if (result >= 0)
		result = sd_bus_start(*bus);
	if (result >= 0)
		result = sd_bus_set_method_call_timeout(*bus, ASK_USEC);
	return result;
}

bool service_is_restarting(void)
{
	sd_bus *bus = NULL;
	char *kind = NULL;
	bool restarting;

	if (!getenv("NOTIFY_SOCKET"))
		return false;
	restarting = connect_systemd(&bus) >= 0 && read_job(bus, &kind) >= 0 &&
		     strcmp(kind, "restart") == 0;
	free(kind);
	sd_bus_close_unref(bus);
	return restarting;
}

void service_pause(void)
{
	const struct timespec pause = {.tv_sec = 1};
	sigset_t stop;

	if (!getenv("NOTIFY_SOCKET"))
		return;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	while (sigtimedwait(&stop, NULL, &pause) < 0 && errno == EINTR)
		;
}

void service_watchdog_feed(void)
{
	sd_notify(0, "WATCHDOG=1");
}
