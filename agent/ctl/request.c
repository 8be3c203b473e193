/* SPDX-License-Identifier: ISC */
#include "agent/ctl/request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* A change is answered when it is on the disk and in the engine. */
#define ANSWER_SECONDS 10
/* Users from the network may take half a minute to be found, and the engine has ten seconds. */
#define RELOAD_SECONDS 50

#define SCHEMA 1

static struct {
	char problem[1024]; /* the last thing that went wrong */
	bool no_agent;	    /* and that was it */
	bool printed;
} outcome;

__attribute__((format(printf, 1, 0))) static void complain(const char *format, va_list arguments)
{
	vsnprintf(outcome.problem, sizeof(outcome.problem), format, arguments);
	fprintf(stderr, "vrrpctl: %s\n", outcome.problem);
}

int request_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain(format, arguments);
	va_end(arguments);
	return 1;
}

/* Nobody answers; returns NULL, in place of the answer. */
__attribute__((format(printf, 1, 2))) static json_t *no_agent(const char *format, ...)
{
	va_list arguments;

	outcome.no_agent = true;
	va_start(arguments, format);
	complain(format, arguments);
	va_end(arguments);
	return NULL;
}

int request_end(int status, bool json)
{
	json_t *document;

	if (!status || !outcome.problem[0])
		return status;
	if (json && !outcome.printed) {
		document = json_pack("{s:i, s:s}", "schema", SCHEMA, "error", outcome.problem);
		json_dumpf(document, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(document);
	}
	return outcome.no_agent ? REQUEST_NO_AGENT : status;
}

static int connect_to(const char *path, int seconds)
{
	const struct timeval patience = {.tv_sec = seconds};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		no_agent("%s: too long for a socket's name", path);
		return -1;
	}
	strcpy(address.sun_path, path);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	}
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	no_agent("no agent answers at %s: %s%s", path, strerror(errno),
		errno == EACCES ? "; the folders above it are closed to you"
		: errno == ENOENT || errno == ECONNREFUSED
			? "; is vrrp-agent running? (--socket PATH names another)"
			: "");
	if (fd >= 0)
		close(fd);
	return -1;
}

/* An agent that refuses has answered and closed already: what it said is read all the same. */
static void send_request(int fd, const json_t *request)
{
	char *line = json_dumps(request, JSON_COMPACT);

	if (!line)
		return;
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) > 0)
		send(fd, "\n", 1, MSG_NOSIGNAL);
	free(line);
}

static json_t *converse(int fd, const char *path, const json_t *request, int seconds)
{
	json_error_t error = {.text = "the connection was closed"};
	FILE *stream = fdopen(fd, "r");
	json_t *answer;

	if (!stream) {
		close(fd);
		return NULL;
	}
	send_request(fd, request);
	answer = json_loadf(stream, JSON_DISABLE_EOF_CHECK, &error);
	if (!answer && ferror(stream) && errno == EAGAIN)
		no_agent("the agent at %s did not answer within %d s, and may yet do what it was "
			 "asked for; its log may say what holds it up",
			path, seconds);
	else if (!answer)
		no_agent("the agent's answer can't be read: %s", error.text);
	fclose(stream);
	return answer;
}

static int patience_for(const json_t *request)
{
	const char *command = json_string_value(json_object_get(request, "command"));

	return command && strcmp(command, "reload") == 0 ? RELOAD_SECONDS : ANSWER_SECONDS;
}

json_t *request_answer(const char *path, json_t *request)
{
	json_t *answer = NULL;
	const char *error;
	int fd, seconds;

	if (!request) {
		request_fail("the words can't be sent: they aren't UTF-8");
		return NULL;
	}
	seconds = patience_for(request);
	fd = connect_to(path, seconds);
	if (fd >= 0)
		answer = converse(fd, path, request, seconds);
	error = json_string_value(json_object_get(answer, "error"));

	json_decref(request);
	if (!error)
		return answer;
	request_fail("%s", error);
	json_decref(answer);
	return NULL;
}

int request_events(const char *path)
{
	const struct timeval forever = {0};
	json_t *request = json_pack("{s:s}", "command", "events");
	int fd = connect_to(path, ANSWER_SECONDS);

	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
		send_request(fd, request);
	}
	json_decref(request);
	return fd;
}

void request_print(const json_t *document)
{
	json_dumpf(document, stdout, JSON_INDENT(2));
	putchar('\n');
	outcome.printed = true;
}
