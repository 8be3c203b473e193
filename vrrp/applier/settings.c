/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/settings.h"

#include <errno.h>
#include <linux/ip.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/net/devconf.h"

#define ALL_RP_FILTER	 "/proc/sys/net/ipv4/conf/all/rp_filter"
#define RP_FILTER_STRICT 1
#define RP_FILTER_LOOSE	 2

struct place {
	uint32_t index; /* of the link whose settings were looked at, or 0 */
	uint32_t users[SETTINGS];
	uint32_t before[SETTINGS];
	bool looked[SETTINGS];
	bool changed[SETTINGS];
};

struct settings {
	struct monitor *monitor;
	struct journal *journal;
	const struct predecessor *predecessor;
	struct nl_sock *sock;
	struct place places[APPLIER_INTERFACES];
};

/* ---- What each shall be ---- */

static uint32_t at_least_one(uint32_t value)
{
	return value ? value : 1;
}

static uint32_t best_address(uint32_t value)
{
	(void)value;
	return 2;
}

static uint32_t not_strict(uint32_t value)
{
	uint32_t common = settings_common_rp_filter();
	uint32_t effective = value > common ? value : common;

	return effective == RP_FILTER_STRICT ? RP_FILTER_LOOSE : value;
}

static const struct {
	uint32_t setting;
	uint32_t (*wanted)(uint32_t value);
} kinds[SETTINGS] = {
	[SETTING_ACCEPT_LOCAL] = {IPV4_DEVCONF_ACCEPT_LOCAL, at_least_one},
	[SETTING_ARP_IGNORE] = {IPV4_DEVCONF_ARP_IGNORE, at_least_one},
	[SETTING_ARP_ANNOUNCE] = {IPV4_DEVCONF_ARP_ANNOUNCE, best_address},
	[SETTING_PROMOTE_SECONDARIES] = {IPV4_DEVCONF_PROMOTE_SECONDARIES, at_least_one},
	[SETTING_RP_FILTER] = {IPV4_DEVCONF_RP_FILTER, not_strict},
};

uint32_t settings_common_rp_filter(void)
{
	FILE *file = fopen(ALL_RP_FILTER, "re");
	unsigned int value = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

/* ---- Opening ---- */

struct settings *settings_new(struct monitor *monitor, struct journal *journal)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (!settings)
		return NULL;
	settings->monitor = monitor;
	settings->journal = journal;
	settings->sock = nl_socket_alloc();
	if (settings->sock && nl_connect(settings->sock, NETLINK_ROUTE) == 0)
		return settings;
	nl_socket_free(settings->sock);
	free(settings);
	errno = ENOMEM;
	return NULL;
}

void settings_set_predecessor(struct settings *settings, const struct predecessor *predecessor)
{
	settings->predecessor = predecessor;
}

void settings_need(struct settings *settings, uint32_t number, enum setting setting)
{
	settings->places[number].users[setting]++;
}

void settings_release(struct settings *settings, uint32_t number, enum setting setting)
{
	settings->places[number].users[setting]--;
}

/* ---- Changing and putting back ---- */

static struct journal_record record_of(
	const struct settings *settings, uint32_t number, enum setting setting)
{
	const struct place *place = &settings->places[number];
	struct journal_record record = {.kind = JOURNAL_SETTING,
		.index = place->index,
		.setting = kinds[setting].setting,
		.value = place->before[setting]};

	snprintf(record.interface, sizeof(record.interface), "%s",
		monitor_interface(settings->monitor, number)->name);
	return record;
}

static int set(struct settings *settings, uint32_t index, enum setting setting, uint32_t value)
{
	return devconf_set(settings->sock, (int)index, kinds[setting].setting, value);
}

static int change(struct settings *settings, uint32_t number, enum setting setting)
{
	struct place *place = &settings->places[number];
	uint32_t *before = &place->before[setting];
	struct journal_record record;
	uint32_t wanted;
	bool is_predecessors;
	int error = devconf_get(settings->sock, (int)place->index, kinds[setting].setting, before);

	if (error)
		return error;
	place->looked[setting] = true;
	is_predecessors = predecessor_has_setting(
		settings->predecessor, place->index, kinds[setting].setting, before);
	wanted = kinds[setting].wanted(*before);
	if (wanted == *before && !is_predecessors)
		return 0;
	record = record_of(settings, number, setting);
	journal_add(settings->journal, &record);
	journal_flush(settings->journal);
	error = set(settings, place->index, setting, wanted);
	if (error)
		journal_strike(settings->journal, &record);
	place->changed[setting] = !error;
	place->looked[setting] = !error;
	return error;
}

/* gone: the link no longer exists. */
static void put_back(struct settings *settings, uint32_t number, enum setting setting, bool gone)
{
	struct place *place = &settings->places[number];
	struct journal_record record = record_of(settings, number, setting);

	if (place->changed[setting]) {
		if (!gone)
			set(settings, place->index, setting, place->before[setting]);
		journal_strike(settings->journal, &record);
	}
	place->changed[setting] = false;
	place->looked[setting] = false;
}

static void put_all_back(struct settings *settings, uint32_t number, bool gone)
{
	for (enum setting setting = 0; setting < SETTINGS; setting++)
		put_back(settings, number, setting, gone);
	settings->places[number].index = 0;
}

int settings_attend(struct settings *settings, uint32_t number)
{
	struct place *place = &settings->places[number];
	uint32_t index = monitor_interface(settings->monitor, number)->index;
	int error, result = 0;

	if (place->index && place->index != index)
		put_all_back(settings, number, false);
	if (!index)
		return 0;
	place->index = index;
	for (enum setting setting = 0; setting < SETTINGS; setting++) {
		if (!place->users[setting]) {
			put_back(settings, number, setting, false);
			continue;
		}
		error = place->looked[setting] ? 0 : change(settings, number, setting);
		if (error)
			result = error;
	}
	return result;
}

void settings_link_gone(struct settings *settings, uint32_t number, uint32_t index)
{
	if (settings->places[number].index == index)
		put_all_back(settings, number, true);
}

void settings_renew(struct settings *settings, uint32_t number)
{
	struct place *place = &settings->places[number];

	/* What they are now says nothing about what they were. */
	for (enum setting setting = 0; setting < SETTINGS; setting++)
		if (place->changed[setting])
			set(settings, place->index, setting,
				kinds[setting].wanted(place->before[setting]));
}

static bool is_changed(const struct place *place, const struct journal_record *record)
{
	for (enum setting setting = 0; setting < SETTINGS; setting++)
		if (kinds[setting].setting == record->setting && place->changed[setting])
			return place->index == record->index;
	return false;
}

/* Whether the kernel still has what was set when the record was made. */
static bool is_as_set(const struct settings *settings, const struct journal_record *record)
{
	uint32_t value;

	for (enum setting setting = 0; setting < SETTINGS; setting++)
		if (kinds[setting].setting == record->setting)
			return devconf_get(settings->sock, (int)record->index, record->setting,
				       &value) == 0 &&
			       value == kinds[setting].wanted(record->value);
	return false;
}

void settings_undo(struct settings *settings, const struct journal_record *record)
{
	const char *name = monitor_name(settings->monitor, record->index);
	uint32_t number = monitor_number_at(settings->monitor, record->index);

	if (!name || (number != MONITOR_NO_NUMBER && is_changed(&settings->places[number], record)))
		return;
	/* Under another name it was renamed, or came from another namespace with that index, and
	 * then with settings of its own. */
	if (strcmp(name, record->interface) == 0 || is_as_set(settings, record))
		devconf_set(settings->sock, (int)record->index, record->setting, record->value);
}

void settings_describe(struct settings *settings, struct journal *journal)
{
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++) {
		for (enum setting setting = 0; setting < SETTINGS; setting++) {
			struct journal_record record;

			if (!settings->places[number].changed[setting])
				continue;
			record = record_of(settings, number, setting);
			journal_add(journal, &record);
		}
	}
}

struct settings *settings_free(struct settings *settings)
{
	if (!settings)
		return NULL;
	for (uint32_t number = 0; number < APPLIER_INTERFACES; number++)
		if (settings->places[number].index)
			put_all_back(settings, number, false);
	nl_socket_free(settings->sock);
	free(settings);
	return NULL;
}
