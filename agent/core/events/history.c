/* SPDX-License-Identifier: ISC */
#include "agent/core/events/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/descriptor.h"
#include "lib/log.h"

struct history {
	char *path;
	char *before; /* the file with the older half */
	FILE *stream; /* NULL: it has to be opened (again) */
	bool broken;  /* and that was told */
};

static void complain(struct history *history, int error)
{
	if (!history->broken)
		log_message(LOG_WARNING,
			"%s: cannot be written: %s; `vrrpctl log` will lack "
			"what happens now",
			history->path, strerror(error));
	history->broken = true;
}

/* A line that the last life did not finish is ended first: it spoils only itself. */
static void end_torn_line(FILE *stream)
{
	char last;

	if (fseek(stream, -1, SEEK_END) == 0 && fread(&last, 1, 1, stream) == 1 && last != '\n') {
		fseek(stream, 0, SEEK_END);
		fputc('\n', stream);
	}
	fseek(stream, 0, SEEK_END);
}

static void open_file(struct history *history)
{
	int fd = open(history->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);

	history->stream = fd < 0 ? NULL : fdopen(fd, "a+");
	if (history->stream) {
		end_torn_line(history->stream);
		return;
	}
	complain(history, errno);
	descriptor_close(fd);
}

/* A line may have been written in part: what comes next has to begin with one of its own. */
static void give_up(struct history *history, int error)
{
	complain(history, error);
	fclose(history->stream);
	history->stream = NULL;
}

struct history *history_open(const char *state_dir)
{
	struct history *history = calloc(1, sizeof(*history));

	if (!history)
		return NULL;
	if (asprintf(&history->path, "%s/" HISTORY_FILE, state_dir) < 0)
		history->path = NULL;
	if (!history->path || asprintf(&history->before, "%s.1", history->path) < 0) {
		history->before = NULL;
		return history_close(history);
	}
	open_file(history);
	return history;
}

struct history *history_close(struct history *history)
{
	if (!history)
		return NULL;
	if (history->stream)
		fclose(history->stream);
	free(history->path);
	free(history->before);
	free(history);
	return NULL;
}

static void turn_page(struct history *history)
{
	if (rename(history->path, history->before) < 0) {
		complain(history, errno);
		if (ftruncate(fileno(history->stream), 0) == 0)
			return; /* it shall not grow: what can't be kept beside it is gone */
	}
	fclose(history->stream);
	open_file(history);
}

void history_add(struct history *history, const char *line)
{
	if (!history->stream)
		open_file(history);
	if (history->stream && ftell(history->stream) + (long)strlen(line) >= HISTORY_FILE_MAX)
		turn_page(history);
	if (history->stream && fprintf(history->stream, "%s\n", line) < 0)
		give_up(history, errno);
}

void history_flush(struct history *history)
{
	if (!history->stream)
		return;
	if (fflush(history->stream) != 0) {
		give_up(history, errno);
		return;
	}
	if (history->broken)
		log_message(LOG_NOTICE,
			"%s: can be written again; `vrrpctl log` lacks what happened meanwhile",
			history->path);
	history->broken = false;
}

/* The last so many of a longer row. */
struct recent {
	json_t **documents;
	size_t count, seen;
};

static void keep(struct recent *recent, json_t *document)
{
	json_t **place = &recent->documents[recent->seen++ % recent->count];

	json_decref(*place);
	*place = document;
}

static void read_file(const char *path, const char *name, struct recent *recent)
{
	FILE *stream = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	while (stream && getline(&line, &room, stream) > 0) {
		json_t *document = json_loads(line, 0, NULL);
		const char *whose = json_string_value(json_object_get(document, "name"));

		if (document && whose && (!name || strcmp(name, whose) == 0))
			keep(recent, document);
		else
			json_decref(document);
	}
	free(line);
	if (stream)
		fclose(stream);
}

json_t *history_recent(struct history *history, const char *name, size_t count)
{
	struct recent recent = {.documents = calloc(count + 1, sizeof(json_t *)), .count = count};
	json_t *list = json_array();

	if (count && recent.documents) {
		read_file(history->before, name, &recent);
		read_file(history->path, name, &recent);
	}
	for (size_t i = recent.seen > count ? recent.seen - count : 0; i < recent.seen; i++)
		json_array_append_new(list, recent.documents[i % count]);
	free(recent.documents);
	return list;
}
