/* SPDX-License-Identifier: ISC */
/* What a client says on the control socket, over a real one: the service, the transactions, the
 * store and the publisher are the real ones, and an engine that takes every image.  A zero octet
 * ends a client, and the next one comes.  Whoever sends a line gets one JSON object, whatever it
 * was; what is told events gets objects only; nothing is left under way. */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/core/candidate.h"
#include "agent/core/control.h"
#include "agent/core/core.h"
#include "agent/core/events/audience.h"
#include "agent/core/events/history.h"
#include "agent/core/publisher.h"
#include "agent/core/reloads.h"
#include "agent/core/show/show.h"
#include "agent/core/state.h"
#include "agent/core/store.h"
#include "agent/core/transaction.h"
#include "lib/channel.h"
#include "lib/log.h"
#include "vrrp/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANSWERS_MAX (1 << 20)

static const char file[] =
	"global_defs {\n router_id node\n}\n"
	"vrrp_instance A {\n interface eth0\n virtual_router_id 51\n version 3\n"
	" virtual_ipaddress {\n 192.0.2.1\n }\n}\n"
	"vrrp_instance \"B and C\" {\n interface eth0\n virtual_router_id 52\n version 3\n"
	" virtual_ipaddress {\n 192.0.2.2\n 192.0.2.3\n }\n}\n";

static struct {
	char folder[32], path[64], overlay[64], previous[64];
	struct core_options options;
	struct core_state state;
	struct candidate current;
	sd_event *loop;
	int engine; /* its end */
	struct store *store;
	struct board *board;
	struct publisher *publisher;
	struct core_reloads reloads;
	struct audience audience;
	void *control;
	struct sockaddr_un address;
} world = {.folder = "/dev/shm/fuzz-control-XXXXXX"};

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz-control: %s\n", what);
	abort();
}

/* ---- The agent ---- */

static void on_adopted(void *context)
{
	world.state.config = world.current.config;
	world.state.slots = world.current.slots;
	world.state.source = world.current.source;
	world.state.aside = &world.current.aside;
	publisher_set_current(world.publisher, world.current.config, world.current.slots);
}

static void ignore(void *context, enum message_error error, const char *text)
{
}

/* The engine takes everything; a reload that was asked for ends at once. */
static void turn(void)
{
	union message message, answer;
	int attached;
	bool more;

	do {
		more = false;
		while (sd_event_run(world.loop, 0) > 0)
			;
		while (channel_receive(world.engine, &message, &attached) == 1) {
			close(attached);
			message_init(&answer, MESSAGE_IMAGE_RESULT, message.head.id);
			require(channel_send(world.engine, &answer, -1) == 0, "no answer");
			more = true;
		}
		if (reloads_are_wanted(&world.reloads)) {
			reloads_begin(&world.reloads);
			reloads_end(&world.reloads, &(struct core_reload){.text = "done"});
			more = true;
		}
	} while (more);
}

static void read_configuration(void)
{
	struct conf_diagnostics diagnostics = {0};
	struct slots *none = slots_new();

	require(candidate_read(&world.current, world.path, "node", &diagnostics) == 0 &&
			candidate_validate(&world.current, world.store, none, &diagnostics) == 0,
		"the configuration is refused");
	slots_free(none);
	conf_diagnostics_clear(&diagnostics);
}

static void agent_begins(void)
{
	int ends[2], board;

	unlink(world.overlay);
	unlink(world.previous);
	require(sd_event_new(&world.loop) >= 0 && channel_pair(ends) == 0 &&
			store_open(world.folder, -1, &world.store) == 0,
		"the agent does not begin");
	read_configuration();
	world.engine = ends[1];
	world.publisher = publisher_new(world.loop, ends[0], 1, -1);
	publisher_send_whole(
		world.publisher, world.current.config, world.current.slots, 0, ignore, NULL);
	turn();
	world.board = board_create(STATUS_ROWS, sizeof(union status_row), &board);
	require(world.board != NULL, "no board");
	close(board);
	world.reloads = (struct core_reloads){0};
	audience_init(&world.audience);
	world.state = (struct core_state){.options = &world.options,
		.store = world.store,
		.board = world.board,
		.publisher = world.publisher,
		.transactions = transactions_new(world.loop, world.store, world.publisher, -1),
		.history = history_open(world.folder),
		.reloads = &world.reloads,
		.audience = &world.audience};
	on_adopted(NULL);
	transactions_set_model(world.state.transactions, &world.current, on_adopted, NULL, NULL);
	world.control = control_start(world.loop, &world.state);
	require(world.control != NULL, "no control socket");
}

static void agent_ends(void)
{
	control_stop(world.control);
	transactions_free(world.state.transactions);
	publisher_free(world.publisher);
	history_close(world.state.history);
	store_close(world.store);
	candidate_clear(&world.current);
	board_close(world.board);
	close(world.engine);
	sd_event_unref(world.loop);
	world.loop = NULL;
}

static void remove_files(void)
{
	static const char *const names[] = {
		"x.conf", "overlay.conf", "overlay.previous", HISTORY_FILE, "control.sock"};
	char path[64];

	if (world.loop)
		agent_ends();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", world.folder, names[i]);
		unlink(path);
	}
	rmdir(world.folder);
}

static void prepare(void)
{
	FILE *stream;

	log_open("fuzz", LOG_EMERG);
	require(mkdtemp(world.folder) != NULL, "no folder");
	snprintf(world.path, sizeof(world.path), "%s/x.conf", world.folder);
	snprintf(world.overlay, sizeof(world.overlay), "%s/overlay.conf", world.folder);
	snprintf(world.previous, sizeof(world.previous), "%s/overlay.previous", world.folder);
	world.address.sun_family = AF_UNIX;
	snprintf(world.address.sun_path, sizeof(world.address.sun_path), "%s/control.sock",
		world.folder);
	world.options = (struct core_options){.path = world.path,
		.config_id = "node",
		.state_dir = world.folder,
		.run_dir = world.folder,
		.show = show_document};
	stream = fopen(world.path, "w");
	require(stream && fputs(file, stream) >= 0 && fclose(stream) == 0, "no file");
	atexit(remove_files);
}

/* ---- The clients ---- */

static size_t hear(int client, char *answers, size_t length)
{
	ssize_t got;

	do {
		turn();
		got = recv(client, answers + length, ANSWERS_MAX - length, MSG_DONTWAIT);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	return length;
}

/* How many objects there are, each on a line. */
static size_t check_answers(char *answers, size_t length)
{
	size_t count = 0;

	while (length > 0) {
		char *newline = memchr(answers, '\n', length);
		json_t *object;

		require(newline != NULL, "an answer is cut off");
		object = json_loadb(answers, (size_t)(newline - answers), 0, NULL);
		require(json_is_object(object), "an answer is no object");
		json_decref(object);
		count++;
		length -= (size_t)(newline + 1 - answers);
		answers = newline + 1;
	}
	return count;
}

static void speak(const uint8_t *data, size_t size)
{
	static char answers[ANSWERS_MAX];
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t length, count;

	require(client >= 0 && connect(client, (struct sockaddr *)&world.address,
				       sizeof(world.address)) == 0,
		"nobody is let in");
	turn();
	require(send(client, data, size, MSG_NOSIGNAL) == (ssize_t)size, "nobody listens");
	length = hear(client, answers, 0);
	audience_tell(&world.audience, "{\"name\":\"A\"}", 12);
	length = hear(client, answers, length);
	count = check_answers(answers, length);
	if (size > 0 && size < 4096 && memchr(data, '\n', size))
		require(count > 0, "a request is not answered");
	close(client);
	turn();
	require(transactions_idle(world.state.transactions), "something is under way");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool prepared;

	if (!prepared)
		prepare();
	prepared = true;
	if (!world.loop)
		agent_begins();
	while (size > 0) {
		const uint8_t *end = memchr(data, '\0', size);
		size_t length = end ? (size_t)(end - data) : size;

		if (length > 0)
			speak(data, length);
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
	if (store_transaction(world.store))
		agent_ends(); /* each input finds the same */
	return 0;
}
