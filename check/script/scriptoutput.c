/* SPDX-License-Identifier: ISC */
#include "check/script/scriptoutput.h"

#include "check/script/logline.h"
#include "lib/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define READ_OCTETS 65536

/* The pace: so many reads in so many microseconds, about 5 MB/s. */
#define PACE_READS 4
#define PACE_USEC  50000

/* Outputs that may go on after their script; more are closed. */
#define LEFT_OPEN_MAX 64

struct scriptoutput {
	sd_event_source *source;
	int fd;
	char *name;
	char *program;
	unsigned int lines;
	bool released;
	struct logline line;
};

static unsigned int left_open;

static void output_free(void *context)
{
	struct scriptoutput *output = context;

	if (output->released)
		left_open--;
	close(output->fd);
	free(output->name);
	free(output->program);
	free(output);
}

static void end_line(struct scriptoutput *output)
{
	struct logline *line = &output->line;

	if (!line->length)
		return;
	if (output->lines < OUTPUT_LINES) {
		logline_defuse(line->text, line->length);
		log_message(LOG_INFO, "%s: %s: %.*s", output->name, output->program,
			(int)line->length, line->text);
	} else if (output->lines == OUTPUT_LINES) {
		log_message(LOG_NOTICE, "%s: %s: further output is not logged", output->name,
			output->program);
	}
	if (output->lines <= OUTPUT_LINES)
		output->lines++;
	line->length = 0;
}

static void take(struct scriptoutput *output, const char *bytes, size_t count)
{
	bool whole;

	while (count && output->lines <= OUTPUT_LINES) {
		size_t taken = logline_take(&output->line, bytes, count, &whole);

		bytes += taken;
		count -= taken;
		if (whole)
			end_line(output);
	}
}

/* Reads once: false at the end. */
static bool read_some(struct scriptoutput *output)
{
	static char bytes[READ_OCTETS];
	ssize_t count = read(output->fd, bytes, sizeof(bytes));

	if (count < 0)
		return errno == EAGAIN || errno == EINTR;
	take(output, bytes, (size_t)count);
	return count > 0;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct scriptoutput *output = context;

	if (read_some(output))
		return 0;
	end_line(output);
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	if (output->released)
		sd_event_source_unref(source);
	return 0;
}

struct scriptoutput *scriptoutput_open(
	sd_event *loop, int fd, const char *name, const char *program)
{
	struct scriptoutput *output = calloc(1, sizeof(*output));
	sd_event_source *source;

	if (!output) {
		close(fd);
		return NULL;
	}
	output->fd = fd;
	output->name = strdup(name);
	output->program = strdup(program);
	if (!output->name || !output->program ||
		sd_event_add_io(loop, &source, fd, EPOLLIN, on_readable, output) < 0) {
		output_free(output);
		return NULL;
	}
	output->source = source;
	sd_event_source_set_destroy_callback(source, output_free);
	sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IDLE);
	sd_event_source_set_ratelimit(source, PACE_USEC, PACE_READS);
	return output;
}

void scriptoutput_release(struct scriptoutput *output)
{
	bool more = read_some(output);

	end_line(output);
	if (more && left_open < LEFT_OPEN_MAX) {
		output->released = true;
		left_open++;
		/* The loop owns it from here on: it goes at its end, or with the loop. */
		sd_event_source_set_floating(output->source, 1);
	}
	sd_event_source_unref(output->source);
}
