/* SPDX-License-Identifier: ISC */
#include "vrrp/net/promote.h"

#include <errno.h>
#include <linux/ip.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/net/devconf.h"

struct promoted {
	uint32_t routers; /* that ask for it */
	uint32_t index;	  /* of the link that was looked at, or 0 */
	bool switched;	  /* it was off there, and is on by us */
};

struct promote {
	struct monitor *monitor;
	struct journal *journal;
	struct nl_sock *sock;
	struct promoted interfaces[APPLIER_INTERFACES];
};

struct promote *promote_new(struct monitor *monitor, struct journal *journal)
{
	struct promote *promote = calloc(1, sizeof(*promote));

	if (!promote)
		return NULL;
	promote->monitor = monitor;
	promote->journal = journal;
	promote->sock = nl_socket_alloc();
	if (promote->sock && nl_connect(promote->sock, NETLINK_ROUTE) == 0)
		return promote;
	errno = ENOMEM;
	return promote_free(promote);
}

static struct journal_record record_of(const struct promote *promote, uint32_t number)
{
	struct journal_record record = {
		.kind = JOURNAL_PROMOTE, .index = promote->interfaces[number].index};

	snprintf(record.interface, sizeof(record.interface), "%s",
		monitor_interface(promote->monitor, number)->name);
	return record;
}

static void look(struct promote *promote, uint32_t number)
{
	struct promoted *promoted = &promote->interfaces[number];
	uint32_t index = monitor_interface(promote->monitor, number)->index, before;
	struct journal_record record;

	if (!index || promoted->index == index ||
		devconf_get(promote->sock, (int)index, IPV4_DEVCONF_PROMOTE_SECONDARIES, &before) <
			0)
		return;
	promoted->index = index;
	promoted->switched = !before;
	if (before)
		return;
	record = record_of(promote, number);
	journal_add(promote->journal, &record);
	journal_flush(promote->journal);
	devconf_set(promote->sock, (int)index, IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
}

static void undo(struct promote *promote, uint32_t number)
{
	struct promoted *promoted = &promote->interfaces[number];
	struct journal_record record = record_of(promote, number);

	if (promoted->switched) {
		devconf_set(
			promote->sock, (int)promoted->index, IPV4_DEVCONF_PROMOTE_SECONDARIES, 0);
		journal_strike(promote->journal, &record);
	}
	promoted->switched = false;
	promoted->index = 0;
}

struct promote *promote_free(struct promote *promote)
{
	if (!promote)
		return NULL;
	for (uint32_t number = 0; promote->sock && number < APPLIER_INTERFACES; number++)
		if (promote->interfaces[number].switched)
			undo(promote, number);
	nl_socket_free(promote->sock);
	free(promote);
	return NULL;
}

void promote_add(struct promote *promote, uint32_t number)
{
	if (number != MONITOR_NO_NUMBER && promote->interfaces[number].routers++ == 0)
		look(promote, number);
}

void promote_remove(struct promote *promote, uint32_t number)
{
	if (number != MONITOR_NO_NUMBER && --promote->interfaces[number].routers == 0)
		undo(promote, number);
}

void promote_changed(struct promote *promote, uint32_t number)
{
	struct promoted *promoted = &promote->interfaces[number];

	if (promoted->routers && monitor_interface(promote->monitor, number)->index)
		look(promote, number);
}

void promote_describe(const struct promote *promote, struct journal *journal)
{
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++)
		if (promote->interfaces[number].switched) {
			struct journal_record record = record_of(promote, number);

			journal_add(journal, &record);
		}
}

void promote_undo(struct promote *promote, const struct journal_record *record)
{
	const char *name = monitor_name(promote->monitor, record->index);
	uint32_t number = monitor_number(promote->monitor, record->interface);

	if (number != MONITOR_NO_NUMBER && promote->interfaces[number].index == record->index &&
		promote->interfaces[number].routers)
		promote->interfaces[number].switched = true;
	else if (name && strcmp(name, record->interface) == 0)
		devconf_set(promote->sock, (int)record->index, IPV4_DEVCONF_PROMOTE_SECONDARIES, 0);
}
