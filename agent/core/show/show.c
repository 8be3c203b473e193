/* SPDX-License-Identifier: ISC */
#include "agent/core/show/show.h"

#include "agent/core/core.h"
#include "agent/core/jsontext.h"
#include "agent/core/publisher.h"
#include "agent/core/show/showgroups.h"
#include "agent/core/show/showrouting.h"
#include "agent/core/show/showtracker.h"
#include "agent/core/state.h"
#include "config.h"
#include "lib/agentxnotes.h"
#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/fifonotes.h"
#include "lib/inherit.h"
#include "lib/mailnotes.h"
#include "vrrp/protocol/router.h"
#include "vrrp/protocol/timer.h"
#include "vrrp/status.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

static const char *const counter_words[STATUS_COUNTERS] = {
#define X(name, word) word,
	STATUS_COUNTER_LIST(X)
#undef X
};

static const struct {
	uint8_t fault;
	const char *word;
} fault_words[] = {
	{VRRP_FAULT_LINK, "link"},
	{VRRP_FAULT_ADDRESS, "no-address"},
	{VRRP_FAULT_TRACKING, "tracking"},
	{VRRP_FAULT_APPLY, "addresses-failed"},
	{VRRP_FAULT_GROUP, "sync-group"},
};

static json_t *seconds(uint64_t nanoseconds)
{
	return json_real((double)nanoseconds / (double)NSEC_PER_SEC);
}

/* Since then, or null if it never was. */
static json_t *seconds_since(uint64_t then, uint64_t now)
{
	return then ? seconds(now > then ? now - then : 0) : json_null();
}

static json_t *address(const uint8_t *bytes, uint8_t octets, bool known)
{
	char text[INET6_ADDRSTRLEN];

	if (!known || !inet_ntop(octets == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)))
		return json_null();
	return json_string(text);
}

static json_t *faults(uint8_t bits)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(fault_words) / sizeof(fault_words[0]); i++) {
		if (bits & fault_words[i].fault)
			json_array_append_new(list, json_string(fault_words[i].word));
	}
	return list;
}

static json_t *counters(const struct status_router *row)
{
	json_t *object = json_object();

	for (int i = 0; i < STATUS_COUNTERS; i++)
		json_object_set_new(
			object, counter_words[i], json_integer((json_int_t)row->counters[i]));
	return object;
}

static json_t *drops(const struct status_router *row)
{
	json_t *object = json_object();

	for (int drop = VRRP_DROP_NONE + 1; drop < VRRP_DROPS; drop++)
		json_object_set_new(object, vrrp_drop_word((enum vrrp_drop)drop),
			json_integer((json_int_t)row->drops[drop]));
	return object;
}

static json_t *virtual_mac(const uint8_t *mac)
{
	return json_sprintf(
		"%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* Of an interface that had the name of the router's, and has another one now. */
static json_t *other_name(const struct status_router *row)
{
	char name[IF_NAMESIZE];

	if (!row->interface_missing || !row->interface_index ||
		!if_indextoname(row->interface_index, name))
		return json_null();
	return json_text(name);
}

static void add_configuration(
	json_t *object, const struct status_router *row, const struct instance *instance)
{
	json_object_set_new(object, "name", json_text(instance->name));
	json_object_set_new(object, "interface", json_text(row->interface));
	json_object_set_new(object, "interface_index", json_integer(row->interface_index));
	json_object_set_new(object, "interface_missing", json_boolean(row->interface_missing));
	json_object_set_new(object, "interface_renamed_to", other_name(row));
	json_object_set_new(
		object, "family", json_string(row->family == VRRP_IPV4 ? "ipv4" : "ipv6"));
	json_object_set_new(object, "vrid", json_integer(row->vrid));
	json_object_set_new(object, "version", json_integer(row->version));
	json_object_set_new(object, "priority", json_integer(row->priority));
	json_object_set_new(object, "priority_origin",
		json_string(instance->origins[INSTANCE_PRIORITY].kind == ORIGIN_OVERLAY ? "overlay"
			    : instance->origins[INSTANCE_PRIORITY].kind == ORIGIN_FILE
				    ? "file"
				    : "default"));
	json_object_set_new(object, "in_service", json_boolean(instance->admin_state == ADMIN_UP));
	json_object_set_new(object, "advert_interval", seconds(row->interval));
	json_object_set_new(object, "preempt", json_boolean(row->preempt));
	json_object_set_new(object, "accept", json_boolean(row->accept));
	json_object_set_new(object, "virtual_mac", virtual_mac(row->virtual_mac));
	json_object_set_new(object, "virtual_mac_device",
		instance->vmac_device ? json_text(instance->vmac_device) : json_null());
	json_object_set_new(object, "addresses", show_addresses(&instance->addresses));
	json_object_set_new(object, "excluded_addresses", show_addresses(&instance->excluded));
	json_object_set_new(object, "routes", show_routes(&instance->routes));
	json_object_set_new(object, "rules", show_rules(&instance->rules));
}

/* How long the Active may be silent before this router takes over. */
static uint64_t active_down(const struct status_router *row, const struct instance *instance)
{
	return vrrp_active_down(row->version, row->effective_priority, row->active_interval,
		instance->election.down_adverts);
}

static void add_state(json_t *object, const struct status_router *row, uint64_t now)
{
	json_object_set_new(object, "state", json_string(vrrp_state_word(row->state)));
	json_object_set_new(
		object, "keepalived_state", json_string(vrrp_state_keepalived_word(row->state)));
	json_object_set_new(object, "since", seconds_since(row->since, now));
	json_object_set_new(
		object, "last_transition", json_string(vrrp_transition_word(row->last_transition)));
	json_object_set_new(
		object, "new_master_reason", json_string(vrrp_new_master_word(row->new_master)));
	json_object_set_new(object, "faults", faults(row->faults));
	json_object_set_new(object, "effective_priority", json_integer(row->effective_priority));
	json_object_set_new(object, "active_interval", seconds(row->active_interval));
	json_object_set_new(object, "primary_address",
		address(row->primary_address, row->address_octets, row->primary_known));
	json_object_set_new(object, "active_address",
		address(row->active_address, row->address_octets, row->active_known));
	json_object_set_new(object, "active_priority", json_integer(row->active_priority));
	json_object_set_new(object, "last_heard", seconds_since(row->last_heard, now));
	json_object_set_new(object, "duplicate_heard", seconds_since(row->duplicate_heard, now));
	json_object_set_new(object, "unsent_age", seconds_since(row->unsent_at, now));
	json_object_set_new(object, "address_refused", json_boolean(row->dad_failed));
	json_object_set_new(object, "counters", counters(row));
	json_object_set_new(object, "drops", drops(row));
}

/* NULL: there is no such row just now. */
static json_t *router(const struct core_state *state, uint32_t slot, uint64_t now)
{
	const struct instance *instance = slots_instance(state->slots, state->config, slot);
	union status_row row;
	json_t *object;

	if (!instance || board_read(state->board, status_row(slot), &row) < 0 || !row.router.used)
		return NULL;
	object = json_object();
	add_configuration(object, &row.router, instance);
	json_object_set_new(object, "sync_group", show_group_of(state, instance));
	add_state(object, &row.router, now);
	json_object_set_new(object, "active_down", seconds(active_down(&row.router, instance)));
	json_object_set_new(object, "trackers", show_tracked(state, instance, now));
	return object;
}

static json_t *routers(const struct core_state *state, uint64_t now)
{
	json_t *list = json_array();

	for (uint32_t slot = 0; slot < slots_end(state->slots); slot++) {
		json_t *object = router(state, slot, now);

		if (object)
			json_array_append_new(list, object);
	}
	return list;
}

json_t *show_router(const struct core_state *state, const struct instance *instance)
{
	int slot = slots_find(state->slots, instance);
	json_t *object = slot < 0 ? NULL : router(state, (uint32_t)slot, clock_now());

	return object ? object : json_null();
}

static json_t *engine(const struct status_engine *row, uint64_t now)
{
	static const char *const filters[] = {
#define X(name, word) [STATUS_FILTER_##name] = (word),
		STATUS_FILTER_LIST(X)
#undef X
	};

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:s, s:I, s:I, s:o}", "up",
		seconds_since(row->started, now), "heartbeat_age",
		seconds_since(row->heartbeat, now), "worst_lateness", seconds(row->worst_lateness),
		"worst_lateness_age", seconds_since(row->worst_lateness_at, now), "packets",
		(json_int_t)row->packets, "overruns", (json_int_t)row->overruns, "checksum_errors",
		(json_int_t)row->checksum_errors, "version_errors", (json_int_t)row->version_errors,
		"vrid_errors", (json_int_t)row->vrid_errors, "vrid_errors_age",
		seconds_since(row->vrid_errors_at, now), "packets_kept", (json_int_t)row->kept,
		"kernel_filter", filters[row->filter <= STATUS_FILTER_ON ? row->filter : 0],
		"kernel_filter_left_out", (json_int_t)row->unplaced, "unsent",
		(json_int_t)row->unsent, "unsent_age", seconds_since(row->unsent_at, now));
}

/* What agentx left to be known of its queue. */
static json_t *notifications(void)
{
	struct consumer *consumer =
		consumer_open(INHERIT_RING, INHERIT_AGENTX_BOOKMARKS, CONSUMER_AGENTX);
	const _Atomic uint64_t *notes;
	json_t *object;

	if (!consumer)
		return json_null();
	notes = consumer_notes(consumer);
	object = json_pack("{s:I, s:I, s:I, s:I}", "sent", (json_int_t)notes[NOTE_NOTIFIED],
		"refused", (json_int_t)notes[NOTE_REFUSED], "events_waiting",
		(json_int_t)consumer_behind(consumer), "events_lost",
		(json_int_t)consumer_lost(consumer));
	consumer_close(consumer);
	return object;
}

/* What check left to be known of a FIFO. */
static json_t *fifo(const struct notify_script *configured, enum consumer_id id)
{
	struct consumer *consumer = consumer_open(INHERIT_RING, INHERIT_BOOKMARKS, id);
	json_t *object;

	if (!consumer)
		return json_null();
	object = json_pack("{s:o, s:I, s:I, s:I}", "path", json_text(configured->argv[0]),
		"lines_written", (json_int_t)consumer_notes(consumer)[FIFO_NOTE_WRITTEN],
		"events_waiting", (json_int_t)consumer_behind(consumer), "events_lost",
		(json_int_t)consumer_lost(consumer));
	consumer_close(consumer);
	return object;
}

static json_t *fifos(const struct hook_settings *hooks)
{
	static const enum consumer_id ids[IMAGE_FIFOS] = {
		[IMAGE_FIFO_ALL] = CONSUMER_FIFO, [IMAGE_FIFO_VRRP] = CONSUMER_VRRP_FIFO};
	json_t *list = json_array();

	for (size_t i = 0; i < IMAGE_FIFOS; i++) {
		if (hooks->fifos[i].argc > 0)
			json_array_append_new(list, fifo(&hooks->fifos[i], ids[i]));
	}
	return list;
}

static json_t *mail(void)
{
	struct consumer *consumer = consumer_open(INHERIT_RING, INHERIT_BOOKMARKS, CONSUMER_MAIL);
	const _Atomic uint64_t *notes;
	json_t *object;

	if (!consumer)
		return json_null();
	notes = consumer_notes(consumer);
	object = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "sent",
		(json_int_t)notes[NOTE_MAIL_SENT], "refused", (json_int_t)notes[NOTE_MAIL_REFUSED],
		"lost", (json_int_t)notes[NOTE_MAIL_LOST], "waiting",
		(json_int_t)notes[NOTE_MAIL_WAITING], "attempts_failed",
		(json_int_t)notes[NOTE_MAIL_FAILED], "events_lost",
		(json_int_t)consumer_lost(consumer));
	consumer_close(consumer);
	return object;
}

static json_t *states(const struct status_engine *row)
{
	json_t *object = json_object();

	for (int state = 0; state < VRRP_STATES; state++)
		json_object_set_new(object, vrrp_state_word((enum vrrp_state)state),
			json_integer((json_int_t)row->routers[state]));
	return object;
}

json_t *show_document(const struct core_state *state)
{
	uint64_t now = clock_now();
	union status_row row = {0};
	json_t *document = json_object();

	if (!document || board_read(state->board, STATUS_ENGINE_ROW, &row) < 0)
		return document;
	json_object_set_new(document, "schema", json_integer(SHOW_SCHEMA));
	json_object_set_new(document, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(document, "configuration", json_text(state->options->path));
	json_object_set_new(document, "generation",
		json_integer((json_int_t)publisher_generation(state->publisher)));
	json_object_set_new(document, "last_reload", json_text(state->reload.text));
	json_object_set_new(document, "engine", engine(&row.engine, now));
	json_object_set_new(document, "states", states(&row.engine));
	json_object_set_new(document, "static", show_statics(&state->config->globals));
	json_object_set_new(document, "notifications", notifications());
	json_object_set_new(document, "fifos", fifos(&state->config->globals.hooks));
	json_object_set_new(document, "trackers", show_trackers(state, now));
	json_object_set_new(document, "groups", show_groups(state, now));
	json_object_set_new(document, "mail", mail());
	json_object_set_new(document, "routers", routers(state, now));
	return document;
}
