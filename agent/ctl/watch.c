/* SPDX-License-Identifier: ISC */
#include "agent/ctl/watch.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/ctl/log.h"
#include "agent/ctl/request.h"
#include "agent/ctl/table.h"

#define REDRAW_MS 1000
#define CALM_MS	  200 /* between two drawings, however much happens */
#define EVENTS	  10  /* shown below the table */

static int stream_lines(const char *socket, bool json)
{
	int fd = request_events(socket);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;

	while (stream && getline(&line, &room, stream) > 0) {
		json_t *event = json ? NULL : json_loads(line, 0, NULL);

		if (json)
			fputs(line, stdout);
		else
			log_print_event(event, stdout);
		fflush(stdout);
		json_decref(event);
	}
	free(line);
	if (stream) {
		fclose(stream);
		fputs("vrrpctl: the agent has closed the connection\n", stderr);
	}
	return 1;
}

static unsigned terminal_rows(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row : 24;
}

/* What the terminal has room for: the table as far as that goes, the last events below it. */
static void put_on_screen(char *table, const json_t *events)
{
	unsigned rows = terminal_rows(), used = 1;
	size_t count = json_array_size(events), index;
	unsigned below = count ? (unsigned)count + 1 : 0;
	const json_t *event;
	char *rest, *line;

	fputs("\033[H\033[J", stdout);
	for (line = strtok_r(table, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (++used + below > rows) {
			puts("... (more than the terminal has room for)");
			break;
		}
		puts(line);
	}
	if (count)
		putchar('\n');
	json_array_foreach(events, index, event) log_print_event(event, stdout);
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
