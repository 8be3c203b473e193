/* SPDX-License-Identifier: ISC */
/* The core process as a whole, in a child, with the test as supervisor, engine, agentx and check.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/core/core.h"
#include "agent/core/publisher.h"
#include "agent/core/state.h"
#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "tests/unit/core-lab.h"
#include "vrrp/status.h"

#define ROUTER(name, vrid, priority)                                          \
	"vrrp_instance " name " {\n interface eth0\n virtual_router_id " vrid \
	"\n priority " priority "\n virtual_ipaddress {\n 192.0.2.2" vrid "\n }\n}\n"
#define AWAY 100 /* descriptors are moved above this before they get their numbers */

#define EXIT_LEAK 99

/* Of the address sanitizer, where there is one. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

struct lab {
	char *folder;
	char *file; /* the configuration */
	char *output;
	struct board *board;
	int board_fd;
	int source; /* as the supervisor keeps it, or -1 */
	pid_t child;
	int supervisor, engine, agentx, check; /* the test's ends, or -1 */
};

static json_t *show(const struct core_state *state)
{
	return json_pack("{s:I, s:i}", "generation",
		(json_int_t)publisher_generation(state->publisher), "routers",
		(int)state->config->instance_count);
}

static int *service_sign;

static void *start_service(sd_event *loop, const struct core_state *state)
{
	service_sign = malloc(sizeof(*service_sign));
	log_message(LOG_NOTICE, "service started with generation %d",
		(int)publisher_generation(state->publisher));
	return service_sign;
}

static void stop_service(void *service)
{
	log_message(LOG_NOTICE, "service stopped");
	free(service);
}

static const struct core_service services[] = {
	{"test service", start_service, stop_service},
	{.name = NULL},
};

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	lab->folder = lab_folder();
	lab->file = lab_path(lab->folder, "vrrp-agent.conf");
	lab->output = lab_path(lab->folder, "output");
	lab->board = board_create(STATUS_ROWS, sizeof(union status_row), &lab->board_fd);
	assert_non_null(lab->board);
	lab->source = lab->supervisor = lab->engine = lab->agentx = lab->check = -1;
	*state = lab;
	return 0;
}

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

static void close_ends(struct lab *lab)
{
	close_end(&lab->supervisor);
	close_end(&lab->engine);
	close_end(&lab->agentx);
	close_end(&lab->check);
}

static void kill_core(struct lab *lab)
{
	if (lab->child > 0) {
		kill(lab->child, SIGKILL);
		waitpid(lab->child, NULL, 0);
	}
	lab->child = 0;
	close_ends(lab);
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	kill_core(lab);
	close_end(&lab->source);
	board_close(lab->board);
	lab_remove(lab->folder);
	free(lab->file);
	free(lab->output);
	free(lab);
	return 0;
}

/* In the child: each descriptor at its number. */
static void inherit(const int *wanted)
{
	int moved[INHERIT_END];

	for (int number = INHERIT_SUPERVISOR; number < INHERIT_END; number++)
		moved[number] = wanted[number] < 0 ? -1 : fcntl(wanted[number], F_DUPFD, AWAY);
	for (int number = INHERIT_SUPERVISOR; number < INHERIT_END; number++) {
		/* A number that is not wanted holds what somebody left open. */
		dup2(moved[number] >= 0 ? moved[number] : STDIN_FILENO, number);
	}
	closefrom(INHERIT_END);
}

static void run_child(const struct lab *lab, const int *wanted)
{
	char *state_dir = lab_path(lab->folder, "state");
	struct core_options options = {
		.path = lab->file,
		.state_dir = state_dir,
		.run_dir = lab->folder,
		.show = show,
		.services = services,
	};
	int input = open("/dev/null", O_RDONLY);
	int output = open(lab->output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	int status;

	dup2(input, STDIN_FILENO);
	dup2(output, STDERR_FILENO);
	inherit(wanted);
	unsetenv("JOURNAL_STREAM");
	log_open("core", LOG_DEBUG);
	status = core_run(&options);
	free(state_dir);
	free(lab->folder);
	free(lab->file);
	free(lab->output);
	/* Not exit(): this is a copy of the test, whose ends are not for the child to write. */
	if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
		_exit(EXIT_LEAK);
	_exit(status);
}

static int pair(int *mine)
{
	int ends[2];

	assert_int_equal(channel_pair(ends), 0);
	*mine = ends[0];
	return ends[1];
}

static void start_core(struct lab *lab)
{
	int wanted[INHERIT_END];

	for (int number = 0; number < INHERIT_END; number++)
		wanted[number] = -1;
	wanted[INHERIT_SUPERVISOR] = pair(&lab->supervisor);
	wanted[INHERIT_BOARD] = lab->board_fd;
	wanted[INHERIT_ENGINE] = pair(&lab->engine);
	wanted[INHERIT_AGENTX] = pair(&lab->agentx);
	wanted[INHERIT_CHECK] = pair(&lab->check);
	wanted[INHERIT_SOURCE] = lab->source;
	lab->child = fork();
	assert_true(lab->child >= 0);
	if (lab->child == 0)
		run_child(lab, wanted);
	close(wanted[INHERIT_SUPERVISOR]);
	close(wanted[INHERIT_ENGINE]);
	close(wanted[INHERIT_AGENTX]);
	close(wanted[INHERIT_CHECK]);
}

static int wait_for_exit(struct lab *lab)
{
	uint64_t end = clock_now() + 10 * NSEC_PER_SEC;
	int status;

	while (waitpid(lab->child, &status, WNOHANG) == 0) {
		assert_true(clock_now() < end);
		poll(NULL, 0, 5);
	}
	lab->child = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void assert_output(const struct lab *lab, const char *part)
{
	char *output = lab_read(lab->output);

	if (!strstr(output, part))
		print_error("no '%s' in:\n%s\n", part, output);
	assert_non_null(strstr(output, part));
	free(output);
}

static void assert_output_ends(const struct lab *lab, const char *part)
{
	char *output = lab_read(lab->output);

	assert_true(strlen(output) >= strlen(part));
	assert_string_equal(output + strlen(output) - strlen(part), part);
	free(output);
}

static void show_engine(struct lab *lab, uint64_t generation)
{
	union status_row row = {.engine = {.generation = generation}};

	board_write(lab->board, STATUS_ENGINE_ROW, &row);
}

/* The engine's part: takes the image, shows its routers on the board, answers. */
static struct image *run_image(struct lab *lab)
{
	union message message;
	struct image *image = lab_receive_image(lab->engine, &message);
	const struct image_router *router = image_routers(image);

	for (uint32_t i = 0; i < image_header(image)->routers.count; i++, router++) {
		union status_row row = {
			.router = {.used = 1, .family = router->family, .vrid = router->vrid}};

		memcpy(row.router.interface, router->interface, sizeof(row.router.interface));
		board_write(lab->board, status_row(router->slot), &row);
	}
	show_engine(lab, message.head.id);
	lab_answer_image(lab->engine, message.head.id, MESSAGE_OK, "");
	return image;
}

static void assert_image(int end, uint64_t generation, uint64_t base)
{
	union message message;
	struct image *image = lab_receive_image(end, &message);

	assert_int_equal(message.head.id, generation);
	assert_int_equal(image_header(image)->base_generation, base);
	image_close(image);
}

/* agentx and check get what the engine accepted, as it was sent. */
static void assert_published(struct lab *lab, uint64_t generation, uint64_t base)
{
	assert_image(lab->agentx, generation, base);
	assert_image(lab->check, generation, base);
}

/* Core's loop has gone round, and so has done what it could. */
static void assert_loop_turned(struct lab *lab)
{
	union message message;

	lab_assert_silent(lab->supervisor);
	lab_receive(lab->supervisor, MESSAGE_HEARTBEAT, &message);
	lab_receive(lab->supervisor, MESSAGE_HEARTBEAT, &message);
}

static void take_source(struct lab *lab)
{
	union message message;

	close_end(&lab->source);
	lab->source = lab_receive(lab->supervisor, MESSAGE_SOURCE, &message);
	assert_true(lab->source >= 0);
}

/* Starts core and plays the others until it is ready.  The whole image is the caller's. */
static struct image *start_ready(struct lab *lab)
{
	struct image *image;
	union message message;

	start_core(lab);
	image = run_image(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	take_source(lab);
	lab_receive(lab->supervisor, MESSAGE_READY, &message);
	assert_int_equal(message.head.id, image_header(image)->generation);
	assert_published(lab, message.head.id, 0);
	return image;
}

static void tell(int end, enum message_type type, uint64_t id)
{
	union message message;

	message_init(&message, type, id);
	assert_int_equal(channel_send(end, &message, -1), 0);
}

static enum message_error set_priority(struct lab *lab, uint64_t id, uint8_t vrid, int64_t value)
{
	union message message;

	lab_set_priority(&message, id, "eth0", vrid, value);
	assert_int_equal(channel_send(lab->agentx, &message, -1), 0);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.head.id, id);
	return message.outcome.error;
}

/* A SET that is applied and never forgotten; returns the delta. */
static struct image *set_and_apply(struct lab *lab, uint64_t id, uint8_t vrid, int64_t value)
{
	union message message;
	struct image *image;

	assert_int_equal(set_priority(lab, id, vrid, value), MESSAGE_OK);
	tell(lab->agentx, MESSAGE_SET_APPLY, id);
	image = run_image(lab);
	assert_published(
		lab, image_header(image)->generation, image_header(image)->base_generation);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	return image;
}

static struct message_outcome reload(struct lab *lab, uint64_t id)
{
	union message message;

	tell(lab->supervisor, MESSAGE_RELOAD, id);
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(message.head.id, id);
	return message.outcome;
}

/* As when agentx was started anew.  The image it is sent is the caller's. */
static struct image *replace_agentx(struct lab *lab)
{
	union message message;
	int theirs;

	close_end(&lab->agentx);
	theirs = pair(&lab->agentx);
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = PEER_AGENTX;
	assert_int_equal(channel_send(lab->supervisor, &message, theirs), 0);
	close(theirs);
	return lab_receive_image(lab->agentx, &message);
}

static void test_start_and_end(void **state)
{
	struct lab *lab = *state;
	union message message;
	struct image *image;

	lab_write(lab->file, ROUTER("A", "1", "100") ROUTER("B", "2", "90"));
	image = start_ready(lab);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(image_header(image)->generation, 1);
	image_close(image);
	for (int i = 0; i < 3; i++) {
		lab_receive(lab->supervisor, MESSAGE_HEARTBEAT, &message);
		assert_in_range(message.heartbeat.within, 1000, 30000);
	}
	close_end(&lab->supervisor);
	assert_int_equal(wait_for_exit(lab), CORE_EXIT_GOOD);
	assert_output(lab, "service started with generation 1");
	assert_output(lab, "service stopped");
}

static void test_refused_start_says_so_last(void **state)
{
	struct lab *lab = *state;

	lab_write(lab->file, ROUTER("A", "1", "300"));
	start_core(lab);
	assert_int_equal(wait_for_exit(lab), CORE_EXIT_REFUSED);
	assert_output(lab, "vrrp-agent.conf:4:");
	assert_output(lab, ": error: ");
	assert_output_ends(lab, "\nvrrp-agent: nothing was started\n");
	unlink(lab->file);
	close_ends(lab);
	start_core(lab);
	assert_int_equal(wait_for_exit(lab), CORE_EXIT_REFUSED);
	assert_output(lab, "error: cannot read the file: No such file or directory");
	assert_output_ends(lab, "vrrp-agent: nothing was started\n");
}

static void test_damaged_overlay_refuses_the_start(void **state)
{
	struct lab *lab = *state;
	char *folder = lab_path(lab->folder, "state");
	char *overlay = lab_path(lab->folder, "state/overlay.conf");

	lab_write(lab->file, ROUTER("A", "1", "100"));
	assert_int_equal(mkdir(folder, 0700), 0);
	lab_write(overlay, "# vrrp-agent overlay, transaction 1, applied\nvrrp_inst");
	start_core(lab);
	assert_int_equal(wait_for_exit(lab), CORE_EXIT_REFUSED);
	assert_output(lab, "overlay.conf is damaged");
	assert_output_ends(lab, "vrrp-agent: nothing was started\n");
	free(folder);
	free(overlay);
}

static void start_and_refuse(struct lab *lab)
{
	union message message;

	start_core(lab);
	image_close(lab_receive_image(lab->engine, &message));
	lab_answer_image(lab->engine, message.head.id, MESSAGE_REFUSED, "too much");
	assert_int_equal(wait_for_exit(lab), CORE_EXIT_REFUSED);
	close_ends(lab);
}

static void test_engine_that_refuses_the_first_image(void **state)
{
	struct lab *lab = *state;

	lab_write(lab->file, ROUTER("A", "1", "100"));
	start_and_refuse(lab);
	assert_output_ends(lab, "the engine refused the configuration: too much\n"
				"vrrp-agent: nothing was started\n");
	show_engine(lab, 4);
	start_and_refuse(lab);
	assert_output_ends(lab,
		"the engine refused the configuration: too much\n"
		"vrrp-agent: the virtual routers keep the configuration they have\n");
}

static void test_killed_core_comes_back_as_it_was(void **state)
{
	struct lab *lab = *state;
	struct image *image;
	uint64_t generation;

	lab_write(lab->file, ROUTER("A", "1", "100") ROUTER("B", "2", "90"));
	image_close(start_ready(lab));
	image = set_and_apply(lab, 41, 2, 200);
	assert_int_equal(image_header(image)->base_generation, 1);
	assert_int_equal(image_header(image)->routers.count, 1);
	assert_int_equal(lab_router(image, "B")->priority, 200);
	assert_int_equal(lab_router(image, "B")->slot, 1);
	generation = image_header(image)->generation;
	image_close(image);
	kill_core(lab);
	/* What somebody writes into the file now has not been accepted. */
	lab_write(lab->file, "vrrp_instance half");
	image = start_ready(lab);
	assert_true(image_header(image)->generation > generation);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 100);
	assert_int_equal(lab_router(image, "A")->slot, 0);
	assert_int_equal(lab_router(image, "B")->priority, 200);
	assert_int_equal(lab_router(image, "B")->slot, 1);
	image_close(image);
}

static void test_slots_survive_a_core_that_reads_another_order(void **state)
{
	struct lab *lab = *state;
	struct image *image;

	lab_write(lab->file, ROUTER("A", "1", "100") ROUTER("B", "2", "90"));
	image_close(start_ready(lab));
	lab_write(lab->file, ROUTER("C", "3", "80") ROUTER("B", "2", "90") ROUTER("A", "1", "100"));
	tell(lab->supervisor, MESSAGE_RELOAD, 1);
	image = run_image(lab);
	assert_int_equal(lab_router(image, "C")->slot, 2);
	image_close(image);
	assert_published(lab, 2, 0);
	take_source(lab);
	kill_core(lab);
	image = start_ready(lab);
	assert_int_equal(lab_router(image, "A")->slot, 0);
	assert_int_equal(lab_router(image, "B")->slot, 1);
	assert_int_equal(lab_router(image, "C")->slot, 2);
	image_close(image);
}

static void test_bad_reload_changes_nothing(void **state)
{
	struct lab *lab = *state;
	struct message_outcome outcome;
	struct image *image;

	lab_write(lab->file, ROUTER("A", "1", "100"));
	image_close(start_ready(lab));
	lab_write(lab->file, ROUTER("A", "1", "100") ROUTER("B", "2", "900"));
	outcome = reload(lab, 7);
	assert_int_equal(outcome.error, MESSAGE_BAD_FILE);
	assert_non_null(strstr(outcome.text, "1 error(s), 0 warning(s); "));
	assert_output(lab, "vrrp-agent.conf:12:"); /* line by line in the log */
	assert_output(lab, "nothing was reloaded");
	lab_assert_silent(lab->engine);
	lab_assert_silent(lab->agentx);
	image = set_and_apply(lab, 3, 1, 50); /* it goes on as before */
	assert_int_equal(image_header(image)->base_generation, 1);
	image_close(image);
}

static void test_good_reload_keeps_the_overlay(void **state)
{
	struct lab *lab = *state;
	union message message;
	struct image *image;

	lab_write(lab->file, ROUTER("A", "1", "100") ROUTER("B", "2", "90"));
	image_close(start_ready(lab));
	image_close(set_and_apply(lab, 3, 1, 50));
	tell(lab->agentx, MESSAGE_SET_FORGET, 3);
	image_close(set_and_apply(lab, 4, 2, 60));
	tell(lab->agentx, MESSAGE_SET_FORGET, 4);
	lab_write(lab->file, ROUTER("C", "3", "80") ROUTER("A", "1", "110"));
	tell(lab->supervisor, MESSAGE_RELOAD, 8);
	image = run_image(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	take_source(lab);
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	assert_non_null(strstr(message.outcome.text, "2 virtual router(s)"));
	assert_output(lab, "changes to B in ");
	assert_published(lab, 4, 0);
	/* B is back, and so is what was set. */
	lab_write(lab->file, ROUTER("B", "2", "90"));
	tell(lab->supervisor, MESSAGE_RELOAD, 9);
	image = run_image(lab);
	assert_int_equal(lab_router(image, "B")->priority, 60);
	image_close(image);
}

static void test_reload_waits_for_the_transaction(void **state)
{
	struct lab *lab = *state;
	union message message;
	struct image *image;

	lab_write(lab->file, ROUTER("A", "1", "100"));
	image_close(start_ready(lab));
	lab_write(lab->file, ROUTER("A", "1", "100") ROUTER("B", "2", "90"));
	assert_int_equal(set_priority(lab, 3, 1, 50), MESSAGE_OK);
	tell(lab->agentx, MESSAGE_SET_APPLY, 3);
	image = lab_receive_image(lab->engine, &message);
	image_close(image);
	tell(lab->supervisor, MESSAGE_RELOAD, 8);
	/* One sign of life, not two: core waits for the engine no longer than that. */
	lab_assert_silent(lab->supervisor);
	lab_receive(lab->supervisor, MESSAGE_HEARTBEAT, &message);
	lab_assert_silent(lab->engine);
	lab_answer_image(lab->engine, 2, MESSAGE_OK, "");
	assert_published(lab, 2, 1);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	assert_loop_turned(lab); /* applied, and could still be undone */
	lab_assert_silent(lab->engine);
	tell(lab->agentx, MESSAGE_SET_FORGET, 3);
	image = run_image(lab);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	take_source(lab);
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
}

static void test_new_agentx_gets_the_image_and_may_set(void **state)
{
	struct lab *lab = *state;
	struct image *image;

	lab_write(lab->file, ROUTER("A", "1", "100") ROUTER("B", "2", "90"));
	image_close(start_ready(lab));
	image_close(set_and_apply(lab, 3, 1, 50));
	image = replace_agentx(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	assert_int_equal(image_header(image)->generation, 2);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	image_close(set_and_apply(lab, 4, 2, 60));
}

/* A SET whose answer was lost with core: the new one knows. */
static void test_set_is_resolved_by_asking(void **state)
{
	struct lab *lab = *state;
	union message message;
	struct image *image;

	lab_write(lab->file, ROUTER("A", "1", "100"));
	image_close(start_ready(lab));
	assert_int_equal(set_priority(lab, 77, 1, 50), MESSAGE_OK);
	tell(lab->agentx, MESSAGE_SET_APPLY, 77);
	image_close(lab_receive_image(lab->engine, &message)); /* so the store has it */
	kill_core(lab);
	image = start_ready(lab);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	tell(lab->agentx, MESSAGE_SET_APPLY, 77);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	tell(lab->agentx, MESSAGE_SET_UNDO, 77);
	image = run_image(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	assert_int_equal(lab_router(image, "A")->priority, 100);
	assert_published(lab, image_header(image)->generation, 0);
	image_close(image);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
}

static size_t count_descriptors(const struct lab *lab)
{
	char path[64];
	size_t count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)lab->child);
	folder = opendir(path);
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void reload_once(struct lab *lab, bool good)
{
	union message message;
	struct image *image;

	lab_write(lab->file, good ? ROUTER("A", "1", "100") : "no_such_word\n");
	tell(lab->supervisor, MESSAGE_RELOAD, 0);
	if (good) {
		image = run_image(lab);
		assert_published(lab, image_header(image)->generation, 0);
		image_close(image);
		take_source(lab);
	}
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(!message.outcome.error, good);
}

static void test_nothing_is_left_open(void **state)
{
	struct lab *lab = *state;
	size_t before;

	lab_write(lab->file, ROUTER("A", "1", "100"));
	image_close(start_ready(lab));
	assert_loop_turned(lab);
	before = count_descriptors(lab);
	for (uint64_t id = 1; id <= 3; id++) {
		image_close(set_and_apply(lab, id, 1, 50 + (int64_t)id));
		tell(lab->agentx, MESSAGE_SET_FORGET, id);
		reload_once(lab, true);
		reload_once(lab, false);
		image_close(replace_agentx(lab));
	}
	assert_loop_turned(lab);
	assert_int_equal(count_descriptors(lab), before);
	tell(lab->supervisor, MESSAGE_STOP, 0);
	assert_int_equal(wait_for_exit(lab), CORE_EXIT_GOOD);
}

static void test_dump(void **state)
{
	struct lab *lab = *state;
	union message message;
	char *path = lab_path(lab->folder, "vrrp-agent.json"), *text;

	lab_write(lab->file, ROUTER("A", "1", "100"));
	image_close(start_ready(lab));
	image_close(set_and_apply(lab, 3, 1, 50));
	tell(lab->agentx, MESSAGE_SET_FORGET, 3);
	tell(lab->supervisor, MESSAGE_DUMP, 0);
	tell(lab->supervisor, MESSAGE_RELOAD, 5); /* answered after it */
	image_close(lab_receive_image(lab->engine, &message));
	text = lab_read(path);
	assert_string_equal(text, "{\n  \"generation\": 2,\n  \"routers\": 1\n}\n");
	free(text);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start_and_end),
		TEST(test_refused_start_says_so_last),
		TEST(test_damaged_overlay_refuses_the_start),
		TEST(test_engine_that_refuses_the_first_image),
		TEST(test_killed_core_comes_back_as_it_was),
		TEST(test_slots_survive_a_core_that_reads_another_order),
		TEST(test_bad_reload_changes_nothing),
		TEST(test_good_reload_keeps_the_overlay),
		TEST(test_reload_waits_for_the_transaction),
		TEST(test_new_agentx_gets_the_image_and_may_set),
		TEST(test_set_is_resolved_by_asking),
		TEST(test_nothing_is_left_open),
		TEST(test_dump),
	};

	return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
