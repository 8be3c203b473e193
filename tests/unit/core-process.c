/* SPDX-License-Identifier: ISC */
#include "tests/unit/core-process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
#include "lib/lifeline.h"
#include "lib/log.h"
#include "tests/unit/lifeline-watcher.h"
#include "vrrp/status.h"

#define AWAY 100 /* descriptors are moved above this before they get their numbers */

#define EXIT_LEAK 99

#define TAKEN_WITHIN  (10 * NSEC_PER_SEC)
#define LOOK_AGAIN_US 1000

/* Of the address sanitizer, where there is one. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

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

int lab_set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	lab->folder = lab_folder();
	lab->file = lab_path(lab->folder, "vrrp-agent.conf");
	lab->output = lab_path(lab->folder, "output");
	lab->board = board_create(STATUS_ROWS, sizeof(union status_row), &lab->board_fd);
	assert_non_null(lab->board);
	lab->source = lab->supervisor = lab->engine = lab->agentx = lab->check = -1;
	lab->lifeline = -1;
	*state = lab;
	return 0;
}

void lab_close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

void lab_close_ends(struct lab *lab)
{
	lab_close_end(&lab->supervisor);
	lab_close_end(&lab->engine);
	lab_close_end(&lab->agentx);
	lab_close_end(&lab->check);
	lab_close_end(&lab->lifeline);
}

void lab_kill_core(struct lab *lab)
{
	if (lab->child > 0) {
		kill(lab->child, SIGKILL);
		waitpid(lab->child, NULL, 0);
	}
	lab->child = 0;
	lab_close_ends(lab);
}

int lab_tear_down(void **state)
{
	struct lab *lab = *state;

	lab_kill_core(lab);
	lab_close_end(&lab->source);
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

void lab_start_core(struct lab *lab)
{
	int wanted[INHERIT_END];

	for (int number = 0; number < INHERIT_END; number++)
		wanted[number] = -1;
	wanted[INHERIT_SUPERVISOR] = pair(&lab->supervisor);
	wanted[INHERIT_BOARD] = lab->board_fd;
	lab_close_end(&lab->lifeline);
	lab->lifeline = wanted[INHERIT_LIFELINE] = lifeline_create();
	assert_true(lab->lifeline >= 0);
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

int lab_wait_for_exit(struct lab *lab)
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

void lab_assert_output(const struct lab *lab, const char *part)
{
	char *output = lab_read(lab->output);

	if (!strstr(output, part))
		print_error("no '%s' in:\n%s\n", part, output);
	assert_non_null(strstr(output, part));
	free(output);
}

void lab_assert_output_ends(const struct lab *lab, const char *part)
{
	char *output = lab_read(lab->output);

	assert_true(strlen(output) >= strlen(part));
	assert_string_equal(output + strlen(output) - strlen(part), part);
	free(output);
}

void lab_show_engine(struct lab *lab, uint64_t generation)
{
	union status_row row = {.engine = {.generation = generation}};

	board_write(lab->board, STATUS_ENGINE_ROW, &row);
}

struct image *lab_run_image(struct lab *lab)
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
	lab_show_engine(lab, message.head.id);
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

void lab_assert_published(struct lab *lab, uint64_t generation, uint64_t base)
{
	assert_image(lab->agentx, generation, base);
	assert_image(lab->check, generation, base);
}

void lab_assert_taken(int end)
{
	uint64_t deadline = clock_now() + TAKEN_WITHIN;
	int unread;

	do {
		assert_int_equal(ioctl(end, SIOCOUTQ, &unread), 0);
		assert_true(clock_now() < deadline);
	} while (unread && !usleep(LOOK_AGAIN_US));
}

void lab_assert_loop_turned(struct lab *lab)
{
	const int ends[] = {lab->supervisor, lab->engine, lab->agentx, lab->check};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		lab_assert_taken(ends[i]);
	watcher_await_sleep(lab->lifeline);
	lab_assert_silent(lab->supervisor);
}

void lab_take_source(struct lab *lab)
{
	union message message;

	lab_close_end(&lab->source);
	lab->source = lab_receive(lab->supervisor, MESSAGE_SOURCE, &message);
	assert_true(lab->source >= 0);
}

struct image *lab_start_ready(struct lab *lab)
{
	struct image *image;
	union message message;

	lab_start_core(lab);
	image = lab_run_image(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	lab_take_source(lab);
	lab_receive(lab->supervisor, MESSAGE_READY, &message);
	assert_int_equal(message.head.id, image_header(image)->generation);
	lab_assert_published(lab, message.head.id, 0);
	return image;
}

void lab_tell(int end, enum message_type type, uint64_t id)
{
	union message message;

	message_init(&message, type, id);
	assert_int_equal(channel_send(end, &message, -1), 0);
}

enum message_error lab_ask_priority(struct lab *lab, uint64_t id, uint8_t vrid, int64_t value)
{
	union message message;

	lab_set_priority(&message, id, "eth0", vrid, value);
	assert_int_equal(channel_send(lab->agentx, &message, -1), 0);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.head.id, id);
	return message.outcome.error;
}

struct image *lab_set_and_apply(struct lab *lab, uint64_t id, uint8_t vrid, int64_t value)
{
	union message message;
	struct image *image;

	assert_int_equal(lab_ask_priority(lab, id, vrid, value), MESSAGE_OK);
	lab_tell(lab->agentx, MESSAGE_SET_APPLY, id);
	image = lab_run_image(lab);
	lab_assert_published(
		lab, image_header(image)->generation, image_header(image)->base_generation);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	return image;
}

struct image *lab_replace_agentx(struct lab *lab)
{
	union message message;
	int theirs;

	lab_close_end(&lab->agentx);
	theirs = pair(&lab->agentx);
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = PEER_AGENTX;
	assert_int_equal(channel_send(lab->supervisor, &message, theirs), 0);
	close(theirs);
	return lab_receive_image(lab->agentx, &message);
}
