/* SPDX-License-Identifier: ISC */
#include "agent/core/control.h"

#include "agent/core/answers.h"
#include "agent/core/core.h"
#include "agent/core/events/audience.h"
#include "agent/core/jsontext.h"
#include "agent/core/manage.h"
#include "agent/core/outbox.h"
#include "agent/core/publisher.h"
#include "agent/core/reloads.h"
#include "agent/core/rights.h"
#include "agent/core/show/show.h"
#include "agent/core/state.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX	   32
#define STREAMS_MAX	   16 /* of them, who are told events: there is always room to ask */
/* Of both, who may look only: whoever may change something always finds a place. */
#define VIEWERS_MAX	   16
#define VIEWER_STREAMS_MAX 8
#define REQUEST_MAX	   4096
#define PATIENCE_MS	   10000	     /* what an answer about all virtual routers may take */
#define GROUPS_PATIENCE_MS 30000	     /* they may come from the network */
#define CLIENT_USEC	   (10 * 1000000ull) /* a client that takes longer is dropped */
#define RELOAD_USEC	   (60 * 1000000ull) /* the same of one that waits for a reload */
#define PAUSE_USEC	   1000000ull	     /* nobody is let in, after that failed */
#define ACCURACY	   100000ull
#define LARGE		   (1024 * 1024) /* octets of an answer about many virtual routers */
#define STREAM_MAX	   (1024 * 1024) /* octets that wait for one who is told events */

struct client {
	LIST_ENTRY(client) others;
	struct control *control;
	int fd;
	sd_event_source *io;
	sd_event_source *timeout;
	char request[REQUEST_MAX];
	size_t received;
	struct management *management; /* what it changes, until it is dropped */
	struct outbox outbox;
	enum right right;
	bool answered;
	bool failed;	/* it won't be */
	bool large;	/* the answer: what it took is given back to the kernel */
	bool streaming; /* it is told events until it goes: `listener` */
	struct listener listener;
	bool reloading; /* `waiter` tells it the end */
	struct reload_waiter waiter;
	uint64_t lost; /* events that it was too slow for, not told yet */
};

struct places {
	int clients, streams;
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
	struct places taken, viewers; /* by all, and of them by those who may look only */
	struct rights rights;
	uint64_t rights_of; /* that generation of the configuration; 0: none yet */
};

static void count(struct client *client, int clients, int streams)
{
	struct control *control = client->control;

	control->taken.clients += clients;
	control->taken.streams += streams;
	if (client->right < RIGHT_CHANGE) {
		control->viewers.clients += clients;
		control->viewers.streams += streams;
	}
}

static void drop_client(struct client *client)
{
	LIST_REMOVE(client, others);
	count(client, -1, client->streaming ? -1 : 0);
	management_end(client->management);
	if (client->streaming)
		audience_leave(&client->listener);
	sd_event_source_disable_unref(client->io);
	sd_event_source_disable_unref(client->timeout);
	close(client->fd);
	if (client->reloading)
		reloads_forget(&client->waiter);
	outbox_clear(&client->outbox);
	if (client->large)
		malloc_trim(0);
	free(client);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *context)
{
	drop_client(context);
	return 0;
}

/* Adds a line to what the client is sent when it reads. */
static int say(struct client *client, const char *text, size_t length)
{
	int error = outbox_add(&client->outbox, text, length);

	if (!error)
		error = outbox_add(&client->outbox, "\n", 1);
	/* Nothing is read any more after an answer: what it sends, or its end, would wake us for
	 * ever. */
	sd_event_source_set_io_events(
		client->io, client->streaming ? EPOLLIN | EPOLLOUT : EPOLLOUT);
	return error;
}

/* Takes over the answer. */
static void set_answer(void *context, json_t *answer)
{
	struct client *client = context;
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	size_t length = text ? strlen(text) : 0;

	json_decref(answer);
	client->large = length > LARGE;
	client->answered = text && say(client, text, length) == 0;
	client->failed = !client->answered;
	free(text);
}

/* Whoever reads too slowly is told how much it missed when it has read the rest. */
static void on_event(struct listener *listener, const char *line, size_t length)
{
	struct client *client =
		(struct client *)((char *)listener - offsetof(struct client, listener));
	char missed[64];

	if (outbox_waiting(&client->outbox) > STREAM_MAX) {
		client->lost++;
		return;
	}
	if (client->lost)
		say(client, missed,
			(size_t)snprintf(missed, sizeof(missed),
				"{\"schema\":1,\"kind\":\"lost\",\"events\":%" PRIu64 "}",
				client->lost));
	client->lost = say(client, line, length) ? client->lost + 1 : 0;
}

/* {"command": "events"}: each event as it happens, one document a line, until the client goes. */
static void stream_events(struct client *client)
{
	const struct control *control = client->control;

	if (control->taken.streams == STREAMS_MAX ||
		(client->right < RIGHT_CHANGE && control->viewers.streams == VIEWER_STREAMS_MAX)) {
		set_answer(client,
			json_pack("{s:s}", "error", "the agent tells too many others already"));
		return;
	}
	count(client, 0, 1);
	client->listener.hear = on_event;
	client->streaming = true;
	audience_join(control->state->audience, &client->listener);
	client->timeout = sd_event_source_disable_unref(client->timeout);
}

static void on_reloaded(struct reload_waiter *waiter, const struct core_reload *outcome)
{
	struct client *client = (struct client *)((char *)waiter - offsetof(struct client, waiter));

	char refused[sizeof(outcome->text) + 32];

	client->reloading = false;
	snprintf(refused, sizeof(refused), "nothing was reloaded: %s", outcome->text);
	set_answer(client,
		json_pack("{s:i, s:o}", "schema", SHOW_SCHEMA, outcome->error ? "error" : "result",
			json_text(outcome->error ? refused : outcome->text)));
}

/* {"command": "reload"}: the file is read anew; answered when it is in force or refused. */
static void begin_reload(struct client *client)
{
	client->reloading = true;
	sd_event_source_set_time_relative(client->timeout, RELOAD_USEC);
	client->waiter.ended = on_reloaded;
	reloads_ask(client->control->state->reloads, &client->waiter);
}

static void begin_change(struct client *client, const json_t *request)
{
	const enum conf_author author = client->right == RIGHT_ROOT ? AUTHOR_ROOT : AUTHOR_NOT_ROOT;

	client->management =
		management_begin(client->control->state, author, request, set_answer, client);
	client->failed = !client->management;
}

/* What takes its time. */
static void begin(struct client *client, const char *word, const json_t *request)
{
	if (strcmp(word, "events") == 0)
		stream_events(client);
	else if (client->right < RIGHT_CHANGE)
		set_answer(client, answer_not_allowed());
	else if (strcmp(word, "reload") == 0)
		begin_reload(client);
	else
		begin_change(client, request);
}

static bool takes_time(const char *word)
{
	return word && (strcmp(word, "events") == 0 || strcmp(word, "reload") == 0 ||
			       management_knows(word));
}

static void answer_request(struct client *client)
{
	json_t *request = json_loads(client->request, 0, NULL);
	const char *word = json_string_value(json_object_get(request, "command"));

	lifeline_promise(client->control->state->lifeline, PATIENCE_MS);
	if (takes_time(word))
		begin(client, word, request);
	else
		set_answer(client,
			answer_at_once(client->control->state, client->right, word, request));
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
	if (client->management || client->streaming || client->reloading)
		return -EPROTO; /* it speaks while it is to listen */
	if (!strchr(client->request, '\n'))
		return client->received == sizeof(client->request) - 1 ? -EMSGSIZE : 0;
	answer_request(client);
	return 0;
}

/* 1: it was answered and is to be dropped; 0: it goes on; negative: it is gone. */
static int write_answer(struct client *client)
{
	int sent = outbox_send(&client->outbox, client->fd);

	if (sent > 0)
		sd_event_source_set_io_events(client->io, EPOLLIN);
	return sent > 0 ? client->answered : sent;
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct client *client = context;
	int done = client->answered ? 0 : read_request(client);

	if (!done && outbox_waiting(&client->outbox))
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

static void refuse_client(int fd, const char *why)
{
	char answer[256];
	int length = snprintf(answer, sizeof(answer), "{\"error\":\"%s\"}\n", why);

	send(fd, answer, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

/* Groups are looked up once in a configuration. */
static enum right right_of(struct control *control, int fd)
{
	uint64_t generation = publisher_generation(control->state->publisher);

	if (control->rights_of != generation) {
		lifeline_promise(control->state->lifeline, GROUPS_PATIENCE_MS);
		control->rights = rights_resolve(&control->state->config->globals);
	}
	control->rights_of = generation;
	return rights_of_peer(&control->rights, fd);
}

/* Takes the descriptor over.  Who has no right takes nobody's place. */
static void admit_client(struct control *control, int fd)
{
	enum right right = right_of(control, fd);
	struct client *client = NULL;

	if (right == RIGHT_NONE) {
		refuse_client(fd, "only root may, and the groups that vrrpctl_group and "
				  "vrrpctl_view_group in global_defs name");
		return;
	}
	if (control->taken.clients < CLIENTS_MAX &&
		(right >= RIGHT_CHANGE || control->viewers.clients < VIEWERS_MAX))
		client = calloc(1, sizeof(*client));
	if (!client) {
		refuse_client(fd, "the agent answers too many others just now; try again");
		return;
	}
	client->right = right;
	client->control = control;
	client->fd = fd;
	LIST_INSERT_HEAD(&control->clients, client, others);
	count(client, 1, 0);
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
		chmod(address->sun_path, 0666) < 0 || listen(control->fd, CLIENTS_MAX) < 0)
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
