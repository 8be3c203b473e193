/* SPDX-License-Identifier: ISC */
#include "agent/conf/trackerrules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/schema.h"
#include "vrrp/protocol/limits.h"

#define PROCESS_NAME_MAX 15 /* of a process that is not the kernel's own */

const struct tracker_kind conf_tracker_kinds[IMAGE_TRACKER_KIND_COUNT] = {
	{IMAGE_TRACKER_SCRIPT, "vrrp_script", "track_script", INSTANCE_TRACK_SCRIPT},
	{IMAGE_TRACKER_PROCESS, "vrrp_track_process", "track_process", INSTANCE_TRACK_PROCESS},
	{IMAGE_TRACKER_FILE, "track_file", "track_file", INSTANCE_TRACK_FILE},
};

static void set_defaults(struct tracker *tracker)
{
	tracker->weight.value = tracker->kind == IMAGE_TRACKER_FILE;
	tracker->quorum = 1;
	tracker->quorum_max = UINT32_MAX;
	tracker->interval_ns = VRRP_SECOND;
	tracker->rise = 1;
	tracker->fall = 1;
}

struct tracker *config_add_tracker(
	struct config *config, enum image_tracker_kind kind, const char *name)
{
	struct tracker_list *list = &config->trackers;
	const size_t count = list->count;
	struct tracker *tracker;

	if ((count & (count - 1)) == 0) {
		struct tracker *grown =
			config_alloc(config, (count ? 2 * count : 1) * sizeof(*grown));

		if (!grown)
			return NULL;
		if (count > 0)
			memcpy(grown, list->items, count * sizeof(*grown));
		list->items = grown;
	}
	tracker = &list->items[count];
	*tracker = (struct tracker){
		.kind = (uint8_t)kind, .name = config_string(config, name, strlen(name))};
	if (!tracker->name)
		return NULL;
	set_defaults(tracker);
	list->count++;
	return tracker;
}

/* Where the one word that says what is tracked is missing, not one that could not be read. */
static void need(const struct tracker *tracker, enum tracker_attribute attribute, const char *word,
	struct conf_diagnostics *diagnostics)
{
	if (tracker->origins[attribute].kind == ORIGIN_DEFAULT && !tracker->unreadable)
		conf_diagnose_origin(diagnostics, CONF_ERROR, &tracker->origin,
			"%s %s: %s is missing: add the line '%s ...'",
			conf_tracker_kinds[tracker->kind].block, tracker->name, word, word);
}

/* Neither what keepalived would find. */
static void check_process_name(const struct tracker *tracker, struct conf_diagnostics *diagnostics)
{
	const char *name = tracker->command.argc ? tracker->command.argv[0] : "";

	if (tracker->command.argc != 1 || tracker->full_command ||
		tracker->parameters != IMAGE_PARAMETERS_UNSAID)
		return;
	if (strlen(name) > PROCESS_NAME_MAX || strchr(name, '/'))
		conf_diagnose_origin(diagnostics, CONF_WARNING, &tracker->origins[TRACKER_PROCESS],
			"vrrp_track_process %s: no process is called '%s': a name has no '/' and "
			"at "
			"most %d characters; full_command compares the command line",
			tracker->name, name, PROCESS_NAME_MAX);
}

static void validate_process(const struct tracker *tracker, struct conf_diagnostics *diagnostics)
{
	need(tracker, TRACKER_PROCESS, "process", diagnostics);
	check_process_name(tracker, diagnostics);
	/* 0 forbids the process, whatever the quorum's default says */
	if (tracker->quorum_max < tracker->quorum &&
		(tracker->quorum_max > 0 ||
			tracker->origins[TRACKER_QUORUM].kind != ORIGIN_DEFAULT))
		conf_diagnose_origin(diagnostics, CONF_ERROR, &tracker->origins[TRACKER_QUORUM_MAX],
			"vrrp_track_process %s: quorum_max %u is less than quorum %u",
			tracker->name, tracker->quorum_max, tracker->quorum);
}

static void validate_script(struct tracker *tracker, struct conf_diagnostics *diagnostics)
{
	need(tracker, TRACKER_SCRIPT, "script", diagnostics);
	if (tracker->origins[TRACKER_TIMEOUT].kind == ORIGIN_DEFAULT)
		tracker->timeout_ns = tracker->interval_ns;
}

static void validate_tracker(struct tracker *tracker, struct conf_diagnostics *diagnostics)
{
	switch (tracker->kind) {
	case IMAGE_TRACKER_SCRIPT:
		validate_script(tracker, diagnostics);
		break;
	case IMAGE_TRACKER_PROCESS:
		validate_process(tracker, diagnostics);
		break;
	default:
		need(tracker, TRACKER_FILE, "file", diagnostics);
		break;
	}
}

static const struct tracker *nearest(
	const struct config *config, enum image_tracker_kind kind, const char *name)
{
	for (size_t i = 0; i < config->trackers.count; i++) {
		const struct tracker *tracker = &config->trackers.items[i];

		if (tracker->kind == kind && conf_resembles(name, tracker->name))
			return tracker;
	}
	return NULL;
}

static void tell_missing(const struct config *config, const char *whose,
	const struct tracker_kind *kind, const struct tracked *tracked,
	struct conf_diagnostics *diagnostics)
{
	const struct tracker *near = nearest(config, kind->kind, tracked->name);

	conf_diagnose_origin(diagnostics, CONF_ERROR, &tracked->origin,
		"%s: there is no %s '%s'%s%s%s", whose, kind->block, tracked->name,
		near ? "; did you mean " : "", near ? near->name : ": write one, or remove this",
		near ? "?" : "");
}

static void validate_list(const struct config *config, const char *whose, struct tracked_list *list,
	const struct tracker_kind *kind, struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < list->count; i++) {
		struct tracked *tracked = &list->items[i];
		const struct tracker *tracker =
			config_find_tracker(config, kind->kind, tracked->name);

		if (!tracker) {
			tell_missing(config, whose, kind, tracked, diagnostics);
			continue;
		}
		if (!tracked->weight_written)
			tracked->weight = tracker->weight.value;
		if (!tracked->reverse_written)
			tracked->reverse = tracker->weight.reverse;
	}
}

static void validate_names(const struct config *config, struct conf_diagnostics *diagnostics)
{
	for (size_t i = 1; i < config->trackers.count; i++) {
		const struct tracker *first = config->tracker_order[i - 1];
		const struct tracker *second = config->tracker_order[i];

		if (first->kind == second->kind && strcmp(first->name, second->name) == 0)
			conf_diagnose_origin(diagnostics, CONF_ERROR, &second->origin,
				"%s %s is there already: %s:%u; remove one, or give it another "
				"name",
				conf_tracker_kinds[second->kind].block, second->name,
				first->origin.file, first->origin.line);
	}
}

/* As in keepalived, a weight can't change this priority, but where a file has none of its own its
 * number is still a fault. */
static void tell_owner(const struct instance *instance, const struct tracker_kind *kind,
	struct conf_diagnostics *diagnostics)
{
	const struct tracked_list *list = &instance->tracked[kind->kind];

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].weight != 0)
			conf_diagnose_origin(diagnostics, CONF_WARNING, &list->items[i].origin,
				"%s: with priority 255 the weight of %s %s has no effect%s: write "
				"priority 254 for it to count, or weight 0 for a fault",
				instance->name, kind->block, list->items[i].name,
				kind->kind == IMAGE_TRACKER_FILE && list->items[i].weight == 1
					? ", and a number other than 0 is a fault"
					: "");
}

void conf_validate_uses(const struct config *config, const char *whose, struct tracked_list *lists,
	struct conf_diagnostics *diagnostics)
{
	for (size_t k = 0; k < IMAGE_TRACKER_KIND_COUNT; k++) {
		const struct tracker_kind *kind = &conf_tracker_kinds[k];

		validate_list(config, whose, &lists[kind->kind], kind, diagnostics);
	}
}

void conf_validate_tracked(struct config *config, struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < config->trackers.count; i++)
		validate_tracker(&config->trackers.items[i], diagnostics);
	validate_names(config, diagnostics);
	for (size_t i = 0; i < config->instance_count; i++) {
		struct instance *instance = config->instances[i];

		conf_validate_uses(config, instance->name, instance->tracked, diagnostics);
		for (size_t k = 0; k < IMAGE_TRACKER_KIND_COUNT; k++)
			if (instance->priority == VRRP_PRIORITY_OWNER)
				tell_owner(instance, &conf_tracker_kinds[k], diagnostics);
	}
}
