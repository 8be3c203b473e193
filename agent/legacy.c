/* SPDX-License-Identifier: ISC */
#include "agent/legacy.h"

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
#include "vrrp/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define FIELD(member) ARCHIVE_FIELD(legacy_program, member)

const struct archive_field legacy_program_fields[] = {
	FIELD(identity),
	FIELD(token),
	FIELD(frozen_at),
	FIELD(image_layout),
	FIELD(next_event),
};
const size_t legacy_program_field_count =
	sizeof(legacy_program_fields) / sizeof(legacy_program_fields[0]);

/* As a whole: an event of another layout has another name. */
const struct archive_field legacy_event_fields[] = {{"event.1", 0, sizeof(struct event)}};
const size_t legacy_event_field_count = 1;

static int *place_of(struct legacy *legacy, const char *name)
{
	const struct {
		const char *name;
		int *place;
	} places[] = {
		{LEGACY_STATE, &legacy->state},
		{LEGACY_SOURCE, &legacy->source},
		{LEGACY_IMAGE, &legacy->image},
		{LEGACY_BOOKMARKS, &legacy->bookmarks},
		{LEGACY_SOCKET4, &legacy->sockets[0]},
		{LEGACY_SOCKET6, &legacy->sockets[1]},
		{LEGACY_SOCKET51, &legacy->sockets[INPUT_AH]},
		{LEGACY_FILTER, &legacy->filter[FILTER_MAP]},
		{LEGACY_FILTER4, &legacy->filter[FILTER_PROGRAM4]},
		{LEGACY_FILTER6, &legacy->filter[FILTER_PROGRAM6]},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(places[i].name, name) == 0)
			return places[i].place;
	}
	return NULL;
}

static void take_one(struct legacy *legacy, const char *name, int given)
{
	int *place = place_of(legacy, name);
	int fd = fcntl(given, F_DUPFD_CLOEXEC, INHERIT_END);

	close(given);
	if (fd < 0)
		return;
	if (place && *place < 0)
		*place = fd;
	else if (strcmp(name, LEGACY_GROUPS) == 0 && legacy->group_count < LEGACY_SOCKETS_MAX)
		legacy->groups[legacy->group_count++] = fd;
	else
		close(fd);
}

void legacy_take(struct legacy *legacy)
{
	char **names = NULL;
	int count;

	*legacy = (struct legacy){.state = -1,
		.source = -1,
		.image = -1,
		.bookmarks = -1,
		.sockets = {-1, -1, -1},
		.filter = {-1, -1, -1}};
	count = sd_listen_fds_with_names(1, &names);
	for (int i = 0; i < count; i++) {
		take_one(legacy, names[i], SD_LISTEN_FDS_START + i);
		free(names[i]);
	}
	free(names);
}

void legacy_close(struct legacy *legacy)
{
	legacy->handover = handover_close(legacy->handover);
	legacy->archive = archive_close(legacy->archive);
	legacy->state = descriptor_close(legacy->state);
	legacy->source = descriptor_close(legacy->source);
	legacy->image = descriptor_close(legacy->image);
	legacy->bookmarks = descriptor_close(legacy->bookmarks);
	for (int i = 0; i < INPUT_SOCKETS; i++)
		legacy->sockets[i] = descriptor_close(legacy->sockets[i]);
	for (int i = 0; i < FILTER_DESCRIPTORS; i++)
		legacy->filter[i] = descriptor_close(legacy->filter[i]);
	for (size_t i = 0; i < legacy->group_count; i++)
		legacy->groups[i] = descriptor_close(legacy->groups[i]);
	legacy->group_count = 0;
}

static int read_program(struct legacy *legacy)
{
	struct archive_reader *reader = archive_reader_new(
		legacy->archive, LEGACY_PROGRAM, legacy_program_fields, legacy_program_field_count);

	if (!reader)
		return -ENOMEM;
	if (archive_count(legacy->archive, LEGACY_PROGRAM) > 0)
		archive_read(reader, 0, &legacy->program);
	archive_reader_free(reader);
	return 0;
}

/* NULL, or why it can't be gone on with. */
static const char *open_state(struct legacy *legacy)
{
	if (legacy->archive)
		return NULL;
	legacy->archive = archive_open(legacy->state);
	if (!legacy->archive)
		return "its state can't be read";
	legacy->handover = handover_open(legacy->archive);
	if (!legacy->handover || read_program(legacy) < 0)
		return "memory is short";
	return NULL;
}

/* Systemd would pass them to the start after the next crash too. */
static void forget_stored(void)
{
	static const char *const names[] = {LEGACY_STATE, LEGACY_SOURCE, LEGACY_IMAGE,
		LEGACY_BOOKMARKS, LEGACY_SOCKET4, LEGACY_SOCKET6, LEGACY_SOCKET51, LEGACY_FILTER,
		LEGACY_FILTER4, LEGACY_FILTER6, LEGACY_GROUPS};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		service_forget(names[i]);
}

bool legacy_is_own(struct legacy *legacy)
{
	char identity[JOURNAL_IDENTITY];

	return legacy->state >= 0 && !open_state(legacy) && !legacy->program.token &&
	       journal_identity(identity) == 0 && strcmp(identity, legacy->program.identity) == 0;
}

static const char *check(struct legacy *legacy, const char *run_dir)
{
	const struct legacy_program *program = &legacy->program;
	char identity[JOURNAL_IDENTITY];
	const char *problem = open_state(legacy);

	if (problem)
		return problem;
	legacy->stored = program->token != 0;
	if (legacy->stored)
		forget_stored();
	if (journal_identity(identity) < 0 || strcmp(identity, program->identity) != 0)
		return "it is of another network namespace";
	if (legacy->stored && !rundir_take_note(run_dir, program->token))
		return "it is an old one, or of another run directory";
	if (program->image_layout != image_layout_id())
		legacy->image = descriptor_close(legacy->image);
	return NULL;
}

bool legacy_check(struct legacy *legacy, const char *run_dir)
{
	const char *problem;

	if (legacy->state < 0) {
		legacy_close(legacy);
		return false;
	}
	problem = check(legacy, run_dir);
	if (!problem) {
		log_message(LOG_NOTICE,
			"going on where the former program stopped %.1f ms ago, with %zu virtual "
			"router(s)",
			(double)(clock_now() - legacy->program.frozen_at) / NSEC_PER_MSEC,
			archive_count(legacy->archive, HANDOVER_ROUTERS));
		return true;
	}
	forget_stored();
	log_message(LOG_WARNING, "what a former program left is of no use: %s", problem);
	legacy_close(legacy);
	return false;
}
