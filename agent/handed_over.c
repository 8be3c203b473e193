/* SPDX-License-Identifier: ISC */
#include "agent/handed_over.h"

#include "agent/rundir.h"
#include "agent/service.h"
#include "lib/archive.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/event.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "vrrp/applier/journal.h"
#include "vrrp/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define FIELD(member) ARCHIVE_FIELD(handed_over_program, member)

const struct archive_field handed_over_program_fields[] = {
	FIELD(identity),
	FIELD(token),
	FIELD(frozen_at),
	FIELD(image_layout),
	FIELD(next_event),
};
const size_t handed_over_program_field_count =
	sizeof(handed_over_program_fields) / sizeof(handed_over_program_fields[0]);

/* As a whole: an event of another layout has another name. */
const struct archive_field handed_over_event_fields[] = {{"event.1", 0, sizeof(struct event)}};
const size_t handed_over_event_field_count = 1;

static int *place_of(struct handed_over *handed, const char *name)
{
	const struct {
		const char *name;
		int *place;
	} places[] = {
		{HANDED_OVER_STATE, &handed->state},
		{HANDED_OVER_SOURCE, &handed->source},
		{HANDED_OVER_IMAGE, &handed->image},
		{HANDED_OVER_BOOKMARKS, &handed->bookmarks},
		{HANDED_OVER_JOURNAL, &handed->journal},
		{HANDED_OVER_SOCKET4, &handed->sockets[0]},
		{HANDED_OVER_SOCKET6, &handed->sockets[1]},
		{HANDED_OVER_SOCKET51, &handed->sockets[INPUT_AH]},
		{HANDED_OVER_FILTER, &handed->filter[FILTER_MAP]},
		{HANDED_OVER_FILTER4, &handed->filter[FILTER_PROGRAM4]},
		{HANDED_OVER_FILTER6, &handed->filter[FILTER_PROGRAM6]},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(places[i].name, name) == 0)
			return places[i].place;
	}
	return NULL;
}

static void take_one(struct handed_over *handed, const char *name, int given)
{
	int *place = place_of(handed, name);
	int fd = fcntl(given, F_DUPFD_CLOEXEC, INHERIT_END);

	close(given);
	if (fd < 0)
		return;
	if (place && *place < 0)
		*place = fd;
	else if (strcmp(name, HANDED_OVER_GROUPS) == 0 &&
		 handed->group_count < HANDED_OVER_SOCKETS_MAX)
		handed->groups[handed->group_count++] = fd;
	else
		close(fd);
}

void handed_over_take(struct handed_over *handed)
{
	char **names = NULL;
	int count;

	*handed = (struct handed_over){.state = -1,
		.source = -1,
		.image = -1,
		.bookmarks = -1,
		.journal = -1,
		.sockets = {-1, -1, -1},
		.filter = {-1, -1, -1}};
	count = sd_listen_fds_with_names(1, &names);
	for (int i = 0; i < count; i++) {
		take_one(handed, names[i], SD_LISTEN_FDS_START + i);
		free(names[i]);
	}
	free(names);
}

void handed_over_close(struct handed_over *handed)
{
	handed->snapshot = snapshot_close(handed->snapshot);
	handed->archive = archive_close(handed->archive);
	handed->state = descriptor_close(handed->state);
	handed->source = descriptor_close(handed->source);
	handed->image = descriptor_close(handed->image);
	handed->bookmarks = descriptor_close(handed->bookmarks);
	handed->journal = descriptor_close(handed->journal);
	for (int i = 0; i < INPUT_SOCKETS; i++)
		handed->sockets[i] = descriptor_close(handed->sockets[i]);
	for (int i = 0; i < FILTER_DESCRIPTORS; i++)
		handed->filter[i] = descriptor_close(handed->filter[i]);
	for (size_t i = 0; i < handed->group_count; i++)
		handed->groups[i] = descriptor_close(handed->groups[i]);
	handed->group_count = 0;
}

static int read_program(struct handed_over *handed)
{
	struct archive_reader *reader = archive_reader_new(handed->archive, HANDED_OVER_PROGRAM,
		handed_over_program_fields, handed_over_program_field_count);

	if (!reader)
		return -ENOMEM;
	if (archive_count(handed->archive, HANDED_OVER_PROGRAM) > 0)
		archive_read(reader, 0, &handed->program);
	archive_reader_free(reader);
	return 0;
}

/* NULL, or why it can't be gone on with. */
static const char *open_state(struct handed_over *handed)
{
	if (handed->archive)
		return NULL;
	handed->archive = archive_open(handed->state);
	if (!handed->archive)
		return "its state can't be read";
	handed->snapshot = snapshot_open(handed->archive);
	if (!handed->snapshot || read_program(handed) < 0)
		return "memory is short";
	return NULL;
}

/* Systemd would pass them to the start after the next crash too. */
static void forget_stored(void)
{
	static const char *const names[] = {HANDED_OVER_STATE, HANDED_OVER_SOURCE,
		HANDED_OVER_IMAGE, HANDED_OVER_BOOKMARKS, HANDED_OVER_JOURNAL, HANDED_OVER_SOCKET4,
		HANDED_OVER_SOCKET6, HANDED_OVER_SOCKET51, HANDED_OVER_FILTER, HANDED_OVER_FILTER4,
		HANDED_OVER_FILTER6, HANDED_OVER_GROUPS};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		service_forget(names[i]);
}

bool handed_over_is_own(struct handed_over *handed)
{
	char identity[JOURNAL_IDENTITY];

	return handed->state >= 0 && !open_state(handed) && !handed->program.token &&
	       journal_identity(identity) == 0 && strcmp(identity, handed->program.identity) == 0;
}

static const char *check(struct handed_over *handed, const char *run_dir)
{
	const struct handed_over_program *program = &handed->program;
	char identity[JOURNAL_IDENTITY];
	const char *problem = open_state(handed);

	if (problem)
		return problem;
	handed->stored = program->token != 0;
	if (handed->stored)
		forget_stored();
	if (journal_identity(identity) < 0 || strcmp(identity, program->identity) != 0)
		return "it is of another network namespace";
	if (handed->stored && !rundir_take_note(run_dir, program->token))
		return "it is an old one, or of another run directory";
	if (program->image_layout != image_layout_id())
		handed->image = descriptor_close(handed->image);
	return NULL;
}

bool handed_over_check(struct handed_over *handed, const char *run_dir)
{
	const char *problem;

	if (handed->state < 0) {
		handed_over_close(handed);
		return false;
	}
	problem = check(handed, run_dir);
	if (!problem) {
		log_message(LOG_NOTICE,
			"going on where the former program stopped %.1f ms ago, with %zu virtual "
			"router(s)",
			(double)(clock_now() - handed->program.frozen_at) / NSEC_PER_MSEC,
			archive_count(handed->archive, SNAPSHOT_ROUTERS));
		return true;
	}
	forget_stored();
	log_message(LOG_WARNING, "what a former program left is of no use: %s", problem);
	handed_over_close(handed);
	return false;
}
