/* SPDX-License-Identifier: ISC */
#include "check/track/filetrack.h"

#include "check/track/trackfile.h"
#include "lib/log.h"

#include <errno.h>
#include <string.h>

/* The process's only one, from the first tracker to the last. */
static struct {
	struct trackfile_watch *watch;
	unsigned int users;
} shared;

static const enum tracker_result results[] = {
	[VALUEFILE_NUMBER] = TRACKER_RESULT_NUMBER,
	[VALUEFILE_NONE] = TRACKER_RESULT_NO_FILE,
	[VALUEFILE_NO_NUMBER] = TRACKER_RESULT_NO_NUMBER,
	[VALUEFILE_RANGE] = TRACKER_RESULT_TOO_LARGE,
	[VALUEFILE_UNREADABLE] = TRACKER_RESULT_UNREADABLE,
};

static void on_told(void *context, int32_t value, enum valuefile_result result)
{
	registry_report(context, TRACKER_NUMBER, (uint8_t)results[result], value);
}

/* As keepalived: before the file is read for the first time, and never again. */
static void init_file(struct registry_entry *entry)
{
	const struct image_tracker *parameters = &entry->parameters;
	int result;

	if (!(parameters->flags & IMAGE_TRACKER_INIT) ||
		atomic_exchange(&entry->memory->word, 1) == 1)
		return;
	result = valuefile_init(entry->arguments[0], parameters->init_value,
		parameters->flags & IMAGE_TRACKER_OVERWRITE);
	if (result < 0)
		log_message(LOG_ERR, "track_file %s: %s can't be written: %s", entry->name,
			entry->arguments[0], strerror(-result));
}

static int track(struct registry_entry *entry)
{
	init_file(entry);
	entry->object = trackfile_track(shared.watch, entry->arguments[0], on_told, entry);
	return entry->object ? 0 : -ENOMEM;
}

static void drop_watch(void)
{
	if (--shared.users == 0)
		shared.watch = trackfile_watch_free(shared.watch);
}

static int start(struct registry_entry *entry)
{
	int error;

	if (!shared.watch)
		shared.watch = trackfile_watch_create(entry->loop);
	if (!shared.watch)
		return -errno;
	shared.users++;
	error = track(entry);
	if (error)
		drop_watch();
	return error;
}

static void stop(struct registry_entry *entry)
{
	trackfile_untrack(entry->object);
	entry->object = NULL;
	drop_watch();
}

static void change(struct registry_entry *entry, const struct registry_entry *before)
{
	if (strcmp(entry->arguments[0], before->arguments[0]) == 0)
		return;
	trackfile_untrack(before->object);
	if (track(entry))
		log_message(LOG_ERR, "track_file %s: no memory", entry->name);
}

const struct registry_kind filetrack_kind = {.start = start, .change = change, .stop = stop};
