/* SPDX-License-Identifier: ISC */
#include "check/track/processtrack.h"

#include "check/track/process.h"
#include "lib/channel.h"
#include "lib/descriptor.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The process's only one, from the first tracker to the last. */
static struct {
	struct process_watch *watch;
	unsigned int users;
	bool wanted; /* the connector */
	int refused; /* what was said of it last; 0: nothing */
	uint32_t buffer;
	bool force;
} shared;

static void request_connector(void)
{
	union message message;
	int error;

	message_init(&message, MESSAGE_PROCESSES_WANTED, 0);
	message.processes.buffer = shared.buffer;
	message.processes.force = shared.force;
	error = channel_send(INHERIT_SUPERVISOR, &message, -1);
	if (error)
		processtrack_connect(error);
}

static void on_ask(void *context, bool wanted)
{
	shared.wanted = wanted;
	if (wanted)
		request_connector();
}

void processtrack_connect(int fd)
{
	if (!shared.watch || !shared.wanted) {
		descriptor_close(fd);
		return;
	}
	if (fd < 0 && fd != shared.refused)
		log_message(LOG_NOTICE,
			"the kernel does not tell of processes here (%s): /proc is looked through "
			"every second instead",
			strerror(-fd));
	shared.refused = fd < 0 ? fd : 0;
	process_watch_connect(shared.watch, fd);
}

void processtrack_set_buffer(uint32_t octets, bool force)
{
	if (shared.buffer == octets && shared.force == force)
		return;
	shared.buffer = octets;
	shared.force = force;
	if (shared.wanted)
		request_connector();
}

static int hold_watch(sd_event *loop)
{
	if (!shared.watch)
		shared.watch = process_watch_create(loop, on_ask, NULL);
	if (!shared.watch)
		return -errno;
	shared.users++;
	return 0;
}

static void drop_watch(void)
{
	if (--shared.users == 0)
		shared.watch = process_watch_free(shared.watch);
}

static void on_told(void *context, bool ok, uint32_t count)
{
	registry_report(context, ok ? TRACKER_OK : TRACKER_FAILED, TRACKER_RESULT_PROCESSES,
		(int32_t)count);
}

/* The words of the command, each with its zero. */
static int track(struct registry_entry *entry)
{
	const struct image_tracker *parameters = &entry->parameters;
	char words[IMAGE_COMMAND_LINE];
	struct process_want want = {
		.pattern = {.words = words,
			.parameters = parameters->parameters,
			.full_command = parameters->flags & IMAGE_TRACKER_FULL_COMMAND},
		.quorum = parameters->quorum,
		.quorum_max = parameters->quorum_max,
		.fork_delay = parameters->fork_delay,
		.terminate_delay = parameters->terminate_delay,
		.memory = &entry->memory->word,
	};

	for (char *const *argument = entry->arguments; *argument; argument++) {
		size_t length = strlen(*argument) + 1;

		if (length > sizeof(words) - want.pattern.length)
			return -E2BIG;
		memcpy(words + want.pattern.length, *argument, length);
		want.pattern.length += length;
	}
	entry->object = process_track(shared.watch, &want, on_told, entry);
	return entry->object ? 0 : -ENOMEM;
}

static int start(struct registry_entry *entry)
{
	int error = hold_watch(entry->loop);

	if (error)
		return error;
	error = track(entry);
	if (error)
		drop_watch();
	return error;
}

static void stop(struct registry_entry *entry)
{
	process_untrack(entry->object);
	entry->object = NULL;
	drop_watch();
}

/* The new one is there before the old one goes, so that the connector stays.  What it wants is
 * another thing: what was told does not count. */
static void change(struct registry_entry *entry, const struct registry_entry *before)
{
	struct process_tracker *predecessor = before->object;

	atomic_store(&entry->memory->word, 0);
	if (track(entry))
		log_message(LOG_ERR, "vrrp_track_process %s: no memory", entry->name);
	process_untrack(predecessor);
}

const struct registry_kind processtrack_kind = {.start = start, .change = change, .stop = stop};
