/* SPDX-License-Identifier: ISC */
#include "check/track/registry.h"

#include "lib/channel.h"
#include "lib/consumer.h"
#include "lib/descriptor.h"
#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct slot {
	struct registry_entry entry;
	struct tracker_report report;
	uint64_t identity;     /* 0: free */
	uint64_t image_number; /* number of the last image that had it */
	bool works;	       /* its kind has started it */
	bool known;	       /* there is a report */
	bool owed;	       /* the engine has not been told of it */
};

struct registry {
	sd_event *loop;
	int engine; /* -1: none */
	sd_event_source *writable;
	sd_event_source *turn_end;
	uint64_t generation; /* of the last whole image */
	uint64_t images;
	uint32_t owed_count;
	uint32_t owed_from; /* none below this is owed */
	struct registry_memory *memories;
	struct slot slots[IMAGE_TRACKERS];
};

static_assert(sizeof(struct registry_memory) == 4 * sizeof(uint64_t), "a memory is four words");
static_assert(CONSUMER_TRACKER_NOTES == 4 * IMAGE_TRACKERS, "there is one for each slot");

/* ---- What the engine is told ---- */

static void owe(struct registry *registry, uint32_t number)
{
	struct slot *slot = &registry->slots[number];

	if (!slot->owed)
		registry->owed_count++;
	slot->owed = true;
	if (number < registry->owed_from)
		registry->owed_from = number;
	if (registry->turn_end)
		sd_event_source_set_enabled(registry->turn_end, SD_EVENT_ONESHOT);
}

/* As many as a message holds. */
static void collect(const struct registry *registry, union message *message)
{
	message_init(message, MESSAGE_TRACKERS, registry->generation);
	for (uint32_t i = registry->owed_from;
		i < IMAGE_TRACKERS && message->trackers.count < MESSAGE_TRACKERS_MAX; i++) {
		if (registry->slots[i].owed)
			message->trackers.reports[message->trackers.count++] =
				registry->slots[i].report;
	}
}

static void mark_told(struct registry *registry, const struct message_trackers *message)
{
	for (uint32_t i = 0; i < message->count; i++)
		registry->slots[message->reports[i].slot].owed = false;
	registry->owed_count -= message->count;
	registry->owed_from = registry->owed_count ? message->reports[message->count - 1].slot + 1
						   : IMAGE_TRACKERS;
}

static void tell(struct registry *registry)
{
	union message message;
	int error = 0;

	while (registry->engine >= 0 && registry->owed_count && !error) {
		collect(registry, &message);
		error = channel_send(registry->engine, &message, -1);
		if (!error)
			mark_told(registry, &message.trackers);
	}
	if (error && error != -EAGAIN)
		log_message(LOG_ERR, "the engine can't be told of trackers: %s", strerror(-error));
	if (registry->writable)
		sd_event_source_set_enabled(
			registry->writable, error == -EAGAIN ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_turn_end(sd_event_source *source, void *context)
{
	tell(context);
	return 0;
}

static int on_writable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	tell(context);
	return 0;
}

void registry_report(struct registry_entry *entry, uint8_t state, uint8_t result, int32_t value)
{
	struct registry *registry = entry->registry;
	struct slot *slot = &registry->slots[entry->parameters.slot];
	const struct tracker_report report = {
		.slot = entry->parameters.slot, .state = state, .result = result, .value = value};

	if (slot->known && memcmp(&slot->report, &report, sizeof(report)) == 0)
		return;
	slot->known = true;
	slot->report = report;
	owe(registry, report.slot);
}

/* ---- What images say ---- */

static void clear_strings(struct registry_entry *entry)
{
	for (char **argument = entry->arguments; argument && *argument; argument++)
		free(*argument);
	free(entry->arguments);
	free((char *)entry->name);
	entry->arguments = NULL;
	entry->name = NULL;
}

/* The entry as the image has it, without what is the kind's. */
static int read_entry(struct registry *registry, struct registry_entry *entry,
	const struct image *image, const struct image_tracker *from)
{
	const char *argument = image_string(image, from->arguments);

	*entry = (struct registry_entry){.registry = registry,
		.loop = registry->loop,
		.parameters = *from,
		.memory = &registry->memories[from->slot]};
	entry->parameters.name = 0;
	entry->parameters.arguments = 0;
	entry->name = strdup(image_string(image, from->name));
	entry->arguments = calloc((size_t)from->argument_count + 1, sizeof(*entry->arguments));
	for (uint32_t i = 0; entry->arguments && i < from->argument_count; i++) {
		entry->arguments[i] = strdup(argument);
		if (!entry->arguments[i])
			break;
		argument += strlen(argument) + 1;
	}
	if (entry->name && entry->arguments &&
		(!from->argument_count || entry->arguments[from->argument_count - 1]))
		return 0;
	clear_strings(entry);
	return -ENOMEM;
}

static bool same_entry(const struct registry_entry *a, const struct registry_entry *b)
{
	if (memcmp(&a->parameters, &b->parameters, sizeof(a->parameters)) != 0)
		return false;
	for (uint32_t i = 0; i < a->parameters.argument_count; i++)
		if (strcmp(a->arguments[i], b->arguments[i]) != 0)
			return false;
	return true;
}

static const struct registry_kind *kind_of(const struct slot *slot)
{
	return registry_kinds[slot->entry.parameters.kind];
}

static void remove_slot(struct registry *registry, struct slot *slot)
{
	if (!slot->identity)
		return;
	if (slot->works)
		kind_of(slot)->stop(&slot->entry);
	if (slot->owed)
		registry->owed_count--;
	clear_strings(&slot->entry);
	*slot = (struct slot){0};
}

/* Should it come back, it begins anew. */
static void forget_slot(struct registry *registry, struct slot *slot)
{
	if (slot->identity)
		atomic_store(&slot->entry.memory->identity, 0);
	remove_slot(registry, slot);
}

static void start_slot(struct slot *slot)
{
	int error = kind_of(slot) ? kind_of(slot)->start(&slot->entry) : -ENOTSUP;

	slot->works = error == 0;
	if (error)
		log_message(LOG_ERR, "%s %s can't be tracked: %s",
			tracker_kind_word(slot->entry.parameters.kind), slot->entry.name,
			strerror(-error));
}

static void enter_slot(struct slot *slot, const struct registry_entry *entry, uint64_t identity)
{
	struct registry_memory *memory = entry->memory;

	slot->identity = identity;
	slot->entry = *entry;
	/* Of another tracker, that had the slot before. */
	if (atomic_load(&memory->identity) != identity) {
		atomic_store(&memory->identity, 0);
		atomic_store(&memory->word, 0);
		atomic_store(&memory->identity, identity);
	}
	start_slot(slot);
}

static void change_slot(struct slot *slot, struct registry_entry *entry)
{
	struct registry_entry before = slot->entry;

	entry->object = before.object;
	slot->entry = *entry;
	if (slot->works)
		kind_of(slot)->change(&slot->entry, &before);
	clear_strings(&before);
	if (!slot->works)
		start_slot(slot);
}

static int take(
	struct registry *registry, const struct image *image, const struct image_tracker *from)
{
	struct slot *slot = &registry->slots[from->slot];
	uint64_t identity = tracker_identity(from->kind, image_string(image, from->name));
	struct registry_entry entry;
	int error = read_entry(registry, &entry, image, from);

	if (error)
		return error;
	if (slot->identity != identity) {
		remove_slot(registry, slot);
		enter_slot(slot, &entry, identity);
	} else if (!slot->works || !same_entry(&slot->entry, &entry)) {
		change_slot(slot, &entry);
	} else {
		clear_strings(&entry);
	}
	slot->image_number = registry->images;
	if (slot->known)
		owe(registry, from->slot);
	return 0;
}

int registry_apply(struct registry *registry, const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_tracker *trackers = image_trackers(image);
	int error = 0;

	if (header->base_generation)
		return 0;
	registry->images++;
	registry->generation = header->generation;
	for (uint32_t i = 0; i < header->trackers.count && !error; i++)
		error = take(registry, image, &trackers[i]);
	for (uint32_t i = 0; i < IMAGE_TRACKERS && !error; i++) {
		if (registry->slots[i].image_number != registry->images)
			forget_slot(registry, &registry->slots[i]);
	}
	return error;
}

/* ---- */

static void kill_leftovers(struct registry *registry)
{
	int killed = 0;

	for (uint32_t i = 0; i < IMAGE_TRACKERS; i++)
		killed += runlist_kill_one(&registry->memories[i].running);
	if (killed)
		log_message(LOG_NOTICE, "killed %d tracking scripts of the former check process",
			killed);
}

static int watch(struct registry *registry)
{
	int error = sd_event_add_defer(registry->loop, &registry->turn_end, on_turn_end, registry);

	if (error >= 0)
		error = sd_event_source_set_enabled(registry->turn_end, SD_EVENT_OFF);
	if (error >= 0 && registry->engine >= 0)
		error = sd_event_add_io(registry->loop, &registry->writable, registry->engine,
			EPOLLOUT, on_writable, registry);
	if (error >= 0 && registry->writable)
		error = sd_event_source_set_enabled(registry->writable, SD_EVENT_OFF);
	return error;
}

struct registry *registry_create(sd_event *loop, int engine, struct registry_memory *memories)
{
	struct registry *registry = calloc(1, sizeof(*registry));
	int error;

	if (!registry)
		return NULL;
	registry->loop = loop;
	registry->engine = engine;
	registry->memories = memories;
	registry->owed_from = IMAGE_TRACKERS;
	error = watch(registry);
	if (error < 0) {
		registry_free(registry);
		errno = -error;
		return NULL;
	}
	kill_leftovers(registry);
	return registry;
}

struct registry *registry_free(struct registry *registry)
{
	if (!registry)
		return NULL;
	for (uint32_t i = 0; i < IMAGE_TRACKERS; i++)
		remove_slot(registry, &registry->slots[i]);
	sd_event_source_disable_unref(registry->turn_end);
	sd_event_source_disable_unref(registry->writable);
	descriptor_close(registry->engine);
	free(registry);
	return NULL;
}
