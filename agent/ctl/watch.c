/* SPDX-License-Identifier: ISC */
#include "agent/ctl/watch.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/ctl/logview.h"
#include "agent/ctl/request.h"
#include "agent/ctl/table.h"

#define REDRAW_MS     1000
#define CALM_MS	      200 /* between two drawings, however much happens */
#define EVENTS	      10  /* shown below the table, */
#define EVENTS_LEAST  3	  /* and in a terminal that is too small for them */
#define ROWS_LEAST    8
#define COLUMNS_LEAST 20

/* False: it is none, but the reason why none will come. */
static bool put_event_line(const char *line, bool json)
{
	json_t *event = json_loads(line, 0, NULL);
	const char *error = json_string_value(json_object_get(event, "error"));

	if (error)
		request_fail("%s", error);
	else if (json)
		fputs(line, stdout);
	else
		logview_print_event(event, stdout);
	fflush(stdout);
	json_decref(event);
	return !error;
}

static int stream_lines(const char *socket, bool json)
{
	int fd = request_events(socket);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
	bool going = stream;
	char *line = NULL;
	size_t room = 0;

	while (going && getline(&line, &room, stream) > 0)
		going = put_event_line(line, json);
	free(line);
	if (stream)
		fclose(stream);
	if (going)
		fputs("vrrpctl: the agent has closed the connection\n", stderr);
	return 1;
}

static struct winsize terminal_size(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row < ROWS_LEAST)
		size.ws_row = 24;
	if (size.ws_col < COLUMNS_LEAST)
		size.ws_col = 80;
	return size;
}

/* A line that the terminal would break would push the first ones out of sight.  What sets colours
 * takes no room. */
static void put_line(const char *line, unsigned columns)
{
	const char *end = line;

	while (*end && columns) {
		if (*end == '\033') {
			end += strcspn(end, "m");
			end += *end == 'm';
			continue;
		}
		end++;
		while ((*end & 0xc0) == 0x80)
			end++;
		columns--;
	}
	printf("%.*s%s\n", (int)(end - line), line, strchr(line, '\033') ? "\033[m" : "");
}

static unsigned count_lines(const char *text)
{
	unsigned lines = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		lines += *line != '\n';
	return lines;
}

static void put_event(const json_t *event, unsigned columns)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return;
	logview_print_event(event, stream);
	if (fclose(stream) == 0) {
		text[strcspn(text, "\n")] = '\0';
		put_line(text, columns);
	}
	free(text);
}

/* What the terminal has room for: the table as far as that goes, the last events below it, of
 * which some are always there. */
static void put_on_screen(char *table, const json_t *events)
{
	struct winsize size = terminal_size();
	unsigned lines = count_lines(table), left;
	size_t count = json_array_size(events), shown;
	size_t room = size.ws_row > lines + 2 ? size.ws_row - lines - 2 : 0;
	char *rest, *line;

	if (room < EVENTS_LEAST)
		room = EVENTS_LEAST;
	shown = count < room ? count : room;
	/* The last row stays empty: the end of a line in it would push the first one out. */
	left = size.ws_row - 1u - (shown ? (unsigned)shown + 1 : 0);
	fputs("\033[H\033[J", stdout);
	for (line = strtok_r(table, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (left == 1 && lines > 1) {
			put_line("... (more than the terminal has room for)", size.ws_col);
			break;
		}
		put_line(line, size.ws_col);
		left--;
		lines--;
	}
	if (shown)
		putchar('\n');
	for (size_t i = count - shown; i < count; i++)
		put_event(json_array_get(events, i), size.ws_col);
	fflush(stdout);
}

static bool draw(const char *socket)
{
	json_t *shown = request_answer(socket, json_pack("{s:s}", "command", "show"));
	json_t *events = shown ? request_answer(socket,
					 json_pack("{s:s, s:i}", "command", "log", "count", EVENTS))
			       : NULL;
	char *table = NULL;
	size_t size;
	FILE *stream = events ? open_memstream(&table, &size) : NULL;

	if (stream) {
		table_print(shown, stream, true);
		fclose(stream);
		put_on_screen(table, json_object_get(events, "events"));
		free(table);
	}
	json_decref(shown);
	json_decref(events);
	return events != NULL;
}

/* Reads away what says that something happened: false if the agent is gone. */
static bool take_events(int fd)
{
	char bytes[65536];

	return read(fd, bytes, sizeof(bytes)) > 0;
}

static int watch_screen(const char *socket)
{
	struct pollfd events = {.fd = request_events(socket), .events = POLLIN};
	bool going = events.fd >= 0;

	while (going && draw(socket)) {
		poll(NULL, 0, CALM_MS);
		if (poll(&events, 1, REDRAW_MS - CALM_MS) > 0)
			going = take_events(events.fd);
	}
	if (events.fd >= 0) {
		close(events.fd);
		fputs("vrrpctl: the agent has closed the connection\n", stderr);
	}
	return 1;
}

int watch_command(const char *socket, bool json)
{
	return !json && isatty(STDOUT_FILENO) ? watch_screen(socket) : stream_lines(socket, json);
}
