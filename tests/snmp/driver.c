/* SPDX-License-Identifier: ISC */
/* Everything around the agentx process, in a few lines a test can script: a status board, an event
 * ring, a supervisor that watches the heartbeat, and a core that answers transactions as it is
 * told.  The process itself is the real one.
 *
 *   driver AGENTX-SOCKET
 *
 * Commands come on standard input, one a line, and each is answered by one line.  Words after the
 * command are KEY=VALUE; addresses are written in hexadecimal.
 *
 *   row SLOT key=value...      changes fields of a row (and creates it)
 *   drop SLOT                  removes a row
 *   fill COUNT                 COUNT IPv4 rows, 200 to an interface, from ifIndex 10 on
 *   bump                       tells that rows came or went
 *   engine key=value...        changes the engine's row
 *   event key=value...         appends an event; with count=N so many, with rising ifIndexes
 *   image FLAGS                sends a configuration image with these flags
 *   answer PHASE error= index= delay=   how the core answers prepare, apply or undo from now on;
 *                              with error=silent not before the next question; with
 *                              error=gone it does what it should, dies over the answer, and a new
 *                              core comes
 *   messages                   what the core has received since the last time
 *   beats                      promises of the heartbeat broken so far, and the longest silence, ms
 *   bookmark                   events that agentx has not done yet
 *   core gone|new              closes the core's channel; gives agentx another one
 *   agentx kill|pid            kills agentx and starts it anew; tells its process id
 *   now                        CLOCK_MONOTONIC, ns
 *
 * At the end of its input the driver goes like a supervisor that dies, and exits as agentx does. */
#include "agent/snmp/worker.h"
#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/event.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/ring.h"
#include "lib/sharedmem.h"
#include "tests/snmp/fields.h"
#include "vrrp/status.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS	      16384
#define RING_RECORDS  8192
#define FIRST_IFINDEX 10
#define ROWS_TO_ONE   200

/* Above every number that agentx finds its own descriptors by. */
#define FD_BASE 100

struct answer {
	bool silent;
	bool gone;
	uint32_t error;
	uint32_t index;
	unsigned delay_ms;
};

static struct {
	const char *socket;
	pid_t pid;
	struct board *board;
	struct ring *ring;
	union status_row rows[SLOTS + 1];
	struct message_set staged;
	uint8_t before[MESSAGE_CHANGES_MAX]; /* priorities, for undo */
	struct answer prepare, apply, undo;
	const struct answer *owed; /* not given yet */
	uint64_t owed_id;
	char received[8192];
	uint64_t promised; /* when the next sign of life is due */
	uint64_t last_beat;
	uint64_t longest_silence;
	unsigned broken;
	int board_fd, ring_fd, bookmarks_fd, wake_fd;
	int supervisor, core; /* our ends */
	int their_supervisor, their_core;
} driver;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int high(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_BASE);

	if (copy < 0)
		die("dup");
	return copy;
}

static void make_channel(int *ours, int *theirs)
{
	int ends[2];

	if (channel_pair(ends) < 0)
		die("channel");
	*ours = high(ends[0]);
	*theirs = high(ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void run_child(void)
{
	static const struct {
		int *from;
		int to;
	} inherited[] = {
		{&driver.their_supervisor, INHERIT_SUPERVISOR},
		{&driver.board_fd, INHERIT_BOARD},
		{&driver.ring_fd, INHERIT_RING},
		{&driver.bookmarks_fd, INHERIT_BOOKMARKS},
		{&driver.wake_fd, INHERIT_WAKE},
		{&driver.their_core, INHERIT_CORE},
	};
	struct agentx_options options = {.socket = driver.socket};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		dup2(*inherited[i].from, inherited[i].to);
	close(driver.supervisor);
	close(driver.core);
	close(driver.their_supervisor);
	close(driver.their_core);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	log_open("agentx", LOG_DEBUG);
	exit(agentx_run(&options));
}

static void start_agentx(void)
{
	make_channel(&driver.supervisor, &driver.their_supervisor);
	make_channel(&driver.core, &driver.their_core);
	driver.promised = 0;
	fflush(stdout);
	driver.pid = fork();
	if (driver.pid < 0)
		die("fork");
	if (driver.pid == 0)
		run_child();
	close(driver.their_supervisor);
	close(driver.their_core);
}

static void kill_agentx(void)
{
	kill(driver.pid, SIGKILL);
	waitpid(driver.pid, NULL, 0);
	close(driver.supervisor);
	if (driver.core >= 0)
		close(driver.core);
}

/* ---- commands ---- */

static void answer_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void answer_line(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

static void done(bool good)
{
	answer_line(good ? "ok" : "error");
}

static void show_row(uint32_t slot)
{
	board_write(driver.board, status_row(slot), &driver.rows[status_row(slot)]);
}

static void command_row(char *words)
{
	uint32_t slot = (uint32_t)strtoul(words, &words, 10);
	struct status_router *router = &driver.rows[status_row(slot)].router;
	bool good = put_fields(router_fields, router, words);

	router->used = 1;
	show_row(slot);
	done(good);
}

static void command_drop(char *words)
{
	uint32_t slot = (uint32_t)strtoul(words, NULL, 10);

	memset(&driver.rows[status_row(slot)], 0, sizeof(driver.rows[0]));
	show_row(slot);
	done(true);
}

static void fill_row(uint32_t slot)
{
	struct status_router *router = &driver.rows[status_row(slot)].router;
	uint8_t vrid = (uint8_t)(slot % ROWS_TO_ONE + 1);

	*router = (struct status_router){.used = 1,
		.family = 1,
		.vrid = vrid,
		.version = 3,
		.state = VRRP_STATE_BACKUP,
		.priority = 100,
		.preempt = 1,
		.address_count = 1,
		.address_octets = 4,
		.interface_index = FIRST_IFINDEX + slot / ROWS_TO_ONE,
		.virtual_mac = {0, 0, 0x5e, 0, 1, vrid},
		.interval = NSEC_PER_SEC};
	snprintf(router->interface, sizeof(router->interface), "eth%u", slot / ROWS_TO_ONE);
	show_row(slot);
}

static void command_fill(char *words)
{
	uint32_t count = (uint32_t)strtoul(words, NULL, 10);

	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		if (slot < count) {
			fill_row(slot);
		} else if (driver.rows[status_row(slot)].router.used) {
			memset(&driver.rows[status_row(slot)], 0, sizeof(driver.rows[0]));
			show_row(slot);
		}
	}
	board_bump(driver.board);
	done(true);
}

static void command_bump(char *words)
{
	board_bump(driver.board);
	done(true);
}

static void command_engine(char *words)
{
	bool good = put_fields(engine_fields, &driver.rows[STATUS_ENGINE_ROW].engine, words);

	board_write(driver.board, STATUS_ENGINE_ROW, &driver.rows[STATUS_ENGINE_ROW]);
	done(good);
}

static void command_event(char *words)
{
	uint64_t count = take_option(words, "count=", 1);
	uint64_t one = 1;
	struct event event = {.at = clock_now(), .kind = EVENT_TRANSITION, .family = 1};
	bool good = put_fields(event_fields, &event, words);
	uint32_t first = event.interface_index;

	for (uint64_t i = 0; i < count; i++) {
		event.interface_index = first + (uint32_t)i;
		ring_append(driver.ring, &event);
	}
	if (write(driver.wake_fd, &one, sizeof(one)) < 0)
		good = false;
	done(good);
}

static void command_image(char *words)
{
	struct image_header header = {.magic = IMAGE_MAGIC,
		.generation = 1,
		.flags = (uint32_t)strtoul(words, NULL, 0),
		.strings = {0, 1}};
	struct image_layout layout = image_layout(&header);
	char *bytes = calloc(1, layout.size);
	union message message;
	int result;
	int fd;

	header.size = layout.size;
	memcpy(bytes, &header, sizeof(header));
	fd = sharedmem_document("image", bytes, layout.size);
	free(bytes);
	message_init(&message, MESSAGE_IMAGE, header.generation);
	result = channel_send(driver.core, &message, fd);
	close(fd);
	done(result == 0);
}

static void command_answer(char *words)
{
	struct answer *answer = strstr(words, "prepare") ? &driver.prepare
				: strstr(words, "apply") ? &driver.apply
							 : &driver.undo;

	answer->silent = strstr(words, "error=silent") != NULL;
	answer->gone = strstr(words, "error=gone") != NULL;
	answer->error = (uint32_t)take_option(words, "error=", 0);
	answer->index = (uint32_t)take_option(words, "index=", 0);
	answer->delay_ms = (unsigned)take_option(words, "delay=", 0);
	done(true);
}

static void command_messages(char *words)
{
	answer_line("%s", driver.received);
	driver.received[0] = '\0';
}

static void command_beats(char *words)
{
	answer_line(
		"%u %" PRIu64, driver.broken, (uint64_t)(driver.longest_silence / NSEC_PER_MSEC));
}

static void command_bookmark(char *words)
{
	struct consumer *consumer =
		consumer_open(driver.ring_fd, driver.bookmarks_fd, CONSUMER_AGENTX);

	if (!consumer)
		die("bookmarks");
	answer_line("%" PRIu64, ring_next(driver.ring) - consumer_ahead(consumer));
	consumer_close(consumer);
}

static void replace_core(bool with_new)
{
	union message message;
	int theirs;

	if (driver.core >= 0)
		close(driver.core);
	driver.core = -1;
	if (!with_new)
		return;
	make_channel(&driver.core, &theirs);
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = PEER_CORE;
	channel_send(driver.supervisor, &message, theirs);
	close(theirs);
}

static void command_core(char *words)
{
	replace_core(strstr(words, "new") != NULL);
	done(true);
}

static void command_agentx(char *words)
{
	if (strstr(words, "kill")) {
		kill_agentx();
		start_agentx();
	}
	answer_line("%d", driver.pid);
}

static void command_now(char *words)
{
	answer_line("%" PRIu64, clock_now());
}

static const struct {
	const char *name;
	void (*run)(char *words);
} commands[] = {
	{"row", command_row},
	{"drop", command_drop},
	{"fill", command_fill},
	{"bump", command_bump},
	{"engine", command_engine},
	{"event", command_event},
	{"image", command_image},
	{"answer", command_answer},
	{"messages", command_messages},
	{"beats", command_beats},
	{"bookmark", command_bookmark},
	{"core", command_core},
	{"agentx", command_agentx},
	{"now", command_now},
};

static void run_command(char *line)
{
	size_t length = strcspn(line, " ");
	char *words = line + length;

	if (*words)
		*words++ = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, line) == 0) {
			commands[i].run(words);
			return;
		}
	}
	done(false);
}

/* ---- the core ---- */

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
	size_t length = strlen(driver.received);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(driver.received + length, sizeof(driver.received) - length, format, arguments);
	va_end(arguments);
}

static struct status_router *router_of(const struct message_change *change, uint32_t *slot)
{
	for (*slot = 0; *slot < SLOTS; ++*slot) {
		struct status_router *router = &driver.rows[status_row(*slot)].router;

		if (router->used && router->vrid == change->vrid &&
			router->family == change->family &&
			strcmp(router->interface, change->interface) == 0)
			return router;
	}
	return NULL;
}

/* Priorities become what was staged, or what they were before. */
static void change_rows(bool undo)
{
	for (uint32_t i = 0; i < driver.staged.count; i++) {
		const struct message_change *change = &driver.staged.changes[i];
		uint32_t slot;
		struct status_router *router = router_of(change, &slot);

		if (!router)
			continue;
		if (undo) {
			router->priority = driver.before[i];
		} else {
			driver.before[i] = router->priority;
			router->priority = (uint8_t)change->value;
		}
		show_row(slot);
	}
}

static void give_answer(const struct answer *answer, uint64_t id)
{
	union message message;

	if (answer->delay_ms)
		poll(NULL, 0, (int)answer->delay_ms);
	message_init(&message, MESSAGE_SET_RESULT, id);
	message.outcome.error = answer->error;
	message.outcome.index = answer->index;
	snprintf(message.outcome.text, sizeof(message.outcome.text), "as the test wants it");
	if (answer->error == MESSAGE_OK && answer == &driver.apply)
		change_rows(false);
	if (answer->error == MESSAGE_OK && answer == &driver.undo)
		change_rows(true);
	channel_send(driver.core, &message, -1);
}

/* Questions are answered in their order, even if late. */
static void answer_question(struct answer *answer, uint64_t id)
{
	if (answer->gone) {
		answer->gone = false;
		replace_core(true);
		return;
	}
	if (driver.owed)
		give_answer(driver.owed, driver.owed_id);
	driver.owed = NULL;
	if (!answer->silent) {
		give_answer(answer, id);
		return;
	}
	driver.owed = answer;
	driver.owed_id = id;
}

static void serve_core_message(const union message *message)
{
	note("%s", message_type_name(message->head.type));
	if (message->head.type == MESSAGE_SET_PREPARE) {
		driver.staged = message->set;
		for (uint32_t i = 0; i < message->set.count; i++) {
			const struct message_change *change = &message->set.changes[i];

			note(" %s/%u/%u=%" PRId64, change->interface, change->vrid, change->family,
				change->value);
		}
		answer_question(&driver.prepare, message->head.id);
	} else if (message->head.type == MESSAGE_SET_APPLY) {
		answer_question(&driver.apply, message->head.id);
	} else if (message->head.type == MESSAGE_SET_UNDO) {
		answer_question(&driver.undo, message->head.id);
	}
	note(";");
}

static void serve_core(void)
{
	union message message;
	int attached;
	int result;

	result = channel_receive(driver.core, &message, &attached);
	if (result == 1)
		serve_core_message(&message);
	if (result < 0) {
		close(driver.core);
		driver.core = -1;
	}
}

/* ---- the supervisor ---- */

static void judge_silence(uint64_t now)
{
	if (driver.promised && now > driver.promised) {
		driver.broken++;
		driver.promised = 0; /* one promise is broken once */
	}
}

static void serve_supervisor(void)
{
	uint64_t now = clock_now();
	union message message;
	int attached;

	while (channel_receive(driver.supervisor, &message, &attached) == 1) {
		if (message.head.type != MESSAGE_HEARTBEAT)
			continue;
		judge_silence(now);
		if (driver.last_beat && now - driver.last_beat > driver.longest_silence)
			driver.longest_silence = now - driver.last_beat;
		driver.last_beat = now;
		driver.promised = now + message.heartbeat.within * NSEC_PER_MSEC;
	}
}

/* ---- */

static void leave(void)
{
	int status;

	close(driver.supervisor);
	waitpid(driver.pid, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void go_round(char *input, size_t size, size_t *used)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = driver.core, .events = POLLIN},
		{.fd = driver.supervisor, .events = POLLIN},
	};
	ssize_t length;
	char *end;

	poll(fds, 3, 100);
	if (fds[2].revents & POLLIN)
		serve_supervisor();
	judge_silence(clock_now());
	if (fds[1].revents)
		serve_core();
	if (!fds[0].revents)
		return;
	length = read(STDIN_FILENO, input + *used, size - *used - 1);
	if (length <= 0)
		leave();
	*used += (size_t)length;
	input[*used] = '\0';
	while ((end = strchr(input, '\n'))) {
		*end = '\0';
		run_command(input);
		*used -= (size_t)(end + 1 - input);
		memmove(input, end + 1, *used + 1);
	}
}

int main(int argc, char **argv)
{
	static char input[1 << 16];
	size_t used = 0;
	int fd;

	driver.socket = argc > 1 ? argv[1] : NULL;
	driver.board = board_create(SLOTS + 1, sizeof(union status_row), &fd);
	if (!driver.board)
		die("board");
	driver.board_fd = high(fd);
	driver.ring = ring_create(RING_RECORDS, &fd);
	if (!driver.ring)
		die("ring");
	driver.ring_fd = high(fd);
	driver.bookmarks_fd = high(consumer_bookmarks_create());
	driver.wake_fd = high(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	start_agentx();
	for (;;)
		go_round(input, sizeof(input), &used);
}
