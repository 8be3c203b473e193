/* SPDX-License-Identifier: ISC */
#include "agent/core/control.h"

#include "agent/core/core.h"
#include "agent/core/manage.h"
#include "agent/core/save.h"
#include "agent/core/show.h"
#include "agent/core/state.h"
#include "lib/log.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 32
#define REQUEST_MAX 4096
#define CLIENT_USEC (10 * 1000000ull) /* a client that takes longer is dropped */
#define PAUSE_USEC  1000000ull	      /* nobody is let in, after that failed */
#define ACCURACY    100000ull

struct client {
	LIST_ENTRY(client) others;
	struct control *control;
	int fd;
	sd_event_source *io;
	sd_event_source *timeout;
	char request[REQUEST_MAX];
	size_t received;
	struct management *management; /* what it changes, until it is dropped */
	char *answer;		       /* NULL: not yet */
	bool failed;		       /* there won't be any */
	size_t length;
	size_t sent;
};

struct control {
	const struct core_state *state;
	sd_event *loop;
	struct sockaddr_un address;
	int fd;
	sd_event_source *io;
	sd_event_source *pause;
	bool short_of_something; /* told already */
	LIST_HEAD(, client) clients;
	int count;
};

static const struct {
	const char *word;
	json_t *(*answer)(const struct core_state *state);
} commands[] = {
	{"show", show_document},
	{"config-show", show_configuration},
	{"config-diff", show_difference},
	{"config-save", save_propose},
	{"config-check", save_check},
};

/* What can be said at once; NULL: there is no such command. */
static json_t *answer_at_once(const struct control *control, const char *word)
{
	for (size_t i = 0; word && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(word, commands[i].word) == 0)
			return commands[i].answer(control->state);
	}
	return json_pack("{s:s}", "error",
		word ? "there is no such command"
		     : "a request is a JSON object with a \"command\"");
}

static void drop_client(struct client *client)
{
	LIST_REMOVE(client, others);
	client->control->count--;
	management_end(client->management);
	sd_event_source_disable_unref(client->io);
	sd_event_source_disable_unref(client->timeout);
	close(client->fd);
	free(client->answer);
	free(client);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *context)
{
	drop_client(context);
	return 0;
}

/* Takes over the answer, to be sent when the client reads. */
static void set_answer(void *context, json_t *answer)
{
	struct client *client = context;

	client->answer = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	json_decref(answer);
	if (!client->answer) {
		client->failed = true;
		return;
	}
	client->length = strlen(client->answer);
	client->answer[client->length++] = '\n'; /* in the place of its end: it is sent by length */
	sd_event_source_set_io_events(client->io, EPOLLOUT);
}

static void answer_request(struct client *client)
{
	json_t *request = json_loads(client->request, 0, NULL);
	const char *word = json_string_value(json_object_get(request, "command"));

	if (!management_knows(word)) {
		set_answer(client, answer_at_once(client->control, word));
	} else {
		client->management =
			management_begin(client->control->state, request, set_answer, client);
		client->failed = !client->management;
	}
	json_decref(request);
}

/* Negative: the client is to be dropped. */
static int read_request(struct client *client)
{
	ssize_t got = recv(client->fd, client->request + client->received,
		sizeof(client->request) - 1 - client->received, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return -EPIPE;
	client->received += (size_t)got;
	client->request[client->received] = '\0';
	if (client->management)
		return -EPROTO; /* it speaks while it waits for its answer */
	if (!strchr(client->request, '\n'))
		return client->received == sizeof(client->request) - 1 ? -EMSGSIZE : 0;
	answer_request(client);
	return 0;
}

/* 1: all is sent; 0: the client reads slowly; negative: it is gone. */
static int write_answer(struct client *client)
{
	while (client->sent < client->length) {
		ssize_t part = send(client->fd, client->answer + client->sent,
			client->length - client->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (part < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		client->sent += (size_t)part;
	}
	return 1;
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct client *client = context;
	int done = client->answer ? 0 : read_request(client);

	if (!done && client->answer)
		done = write_answer(client);
	if (done || client->failed)
		drop_client(client);
	return 0;
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *context)
{
	struct control *control = context;

	sd_event_source_set_enabled(control->io, SD_EVENT_ON);
	return 0;
}

/* Whoever could not be let in is still waiting: without a pause the loop would spin on it. */
static void pause_accepting(struct control *control, int error)
{
	if (!control->short_of_something)
		log_message(LOG_WARNING,
			"the control socket lets nobody in: %s; it goes on trying each second",
			strerror(error));
	control->short_of_something = true;
	sd_event_source_set_enabled(control->io, SD_EVENT_OFF);
	sd_event_source_set_time_relative(control->pause, PAUSE_USEC);
	sd_event_source_set_enabled(control->pause, SD_EVENT_ONESHOT);
}

static void refuse_client(int fd)
{
	static const char answer[] =
		"{\"error\":\"the agent answers too many others just now; try again\"}\n";

	send(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

/* Takes the descriptor over. */
static void admit_client(struct control *control, int fd)
{
	struct client *client = control->count < CLIENTS_MAX ? calloc(1, sizeof(*client)) : NULL;

	if (!client) {
		refuse_client(fd);
		return;
	}
	client->control = control;
	client->fd = fd;
	LIST_INSERT_HEAD(&control->clients, client, others);
	control->count++;
	if (sd_event_add_io(control->loop, &client->io, fd, EPOLLIN, on_client, client) < 0 ||
		sd_event_add_time_relative(control->loop, &client->timeout, CLOCK_MONOTONIC,
			CLIENT_USEC, ACCURACY, on_timeout, client) < 0)
		drop_client(client);
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct control *control = context;
	int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (accepted >= 0) {
		control->short_of_something = false;
		admit_client(control, accepted);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		pause_accepting(control, errno);
	}
	return 0;
}

static int watch(struct control *control)
{
	int error = sd_event_add_time_relative(control->loop, &control->pause, CLOCK_MONOTONIC,
		PAUSE_USEC, ACCURACY, on_pause_over, control);

	if (error < 0)
		return error;
	sd_event_source_set_enabled(control->pause, SD_EVENT_OFF);
	return sd_event_add_io(
		control->loop, &control->io, control->fd, EPOLLIN, on_connect, control);
}

static int listen_at(struct control *control, const char *run_dir)
{
	struct sockaddr_un *address = &control->address;
	int length =
		snprintf(address->sun_path, sizeof(address->sun_path), "%s/control.sock", run_dir);

	if (length >= (int)sizeof(address->sun_path)) {
		log_message(LOG_ERR,
			"%s/control.sock: too long for a socket's name; choose a shorter --run-dir",
			run_dir);
		return -ENAMETOOLONG;
	}
	address->sun_family = AF_UNIX;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->fd < 0)
		return -errno;
	unlink(address->sun_path);
	if (bind(control->fd, (struct sockaddr *)address, sizeof(*address)) < 0 ||
		chmod(address->sun_path, 0660) < 0 || listen(control->fd, CLIENTS_MAX) < 0)
		return -errno;
	return watch(control);
}

void *control_start(sd_event *loop, const struct core_state *state)
{
	struct control *control = calloc(1, sizeof(*control));
	int error;

	if (!control)
		return NULL;
	*control = (struct control){.state = state, .loop = loop, .fd = -1};
	LIST_INIT(&control->clients);
	error = listen_at(control, state->options->run_dir);
	if (error < 0) {
		control_stop(control);
		errno = -error;
		return NULL;
	}
	return control;
}

void control_stop(void *service)
{
	struct control *control = service;

	if (!control)
		return;
	while (!LIST_EMPTY(&control->clients))
		drop_client(LIST_FIRST(&control->clients));
	sd_event_source_disable_unref(control->io);
	sd_event_source_disable_unref(control->pause);
	if (control->fd >= 0) {
		close(control->fd);
		unlink(control->address.sun_path);
	}
	free(control);
}
