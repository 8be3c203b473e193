/* SPDX-License-Identifier: ISC */
/* The check process as the supervisor, the engine and core see it: a process of its own, with the
 * capabilities it is given and no others. */
#include "check/check.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/inherit.h"
#include "lib/lifeline.h"
#include "tests/unit/checklab.h"
#include "tests/unit/draft.h"
#include "tests/unit/lifeline-watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ACTIVE	2
#define NOBODY	65534
#define WAIT_MS 20000

static struct {
	pid_t pid;
	int supervisor;
	int core;
	int wake;
	int ring_fd;
	int bookmarks;
	int lifeline;
	struct ring *ring;
	struct draft draft;
} lab;

static void keep_three_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};

	sets[0].permitted = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL;
	sets[0].effective = sets[0].permitted;
	if (syscall(SYS_capset, &header, sets) < 0)
		_exit(99);
}

/* First out of the way of the numbers that are to be used, then there. */
static _Noreturn void be_check(int supervisor, int core)
{
	const int from[] = {supervisor, lab.ring_fd, lab.bookmarks, lab.wake, core, lab.lifeline};
	const int to[] = {INHERIT_SUPERVISOR, INHERIT_RING, INHERIT_BOOKMARKS, INHERIT_WAKE,
		INHERIT_CORE, INHERIT_LIFELINE};
	int high[6];

	for (int i = 0; i < 6; i++)
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 200);
	syscall(SYS_close_range, 3, 99, 0);
	for (int i = 0; i < 6; i++)
		dup2(high[i], to[i]);
	syscall(SYS_close_range, 101, ~0u, 0);
	keep_three_capabilities();
	_exit(check_run(LIFELINE_SLEEP_MS));
}

static void launch(void)
{
	int supervisor[2];
	int core[2];

	assert_int_equal(channel_pair(supervisor) | channel_pair(core), 0);
	lab.pid = fork();
	assert_true(lab.pid >= 0);
	if (lab.pid == 0)
		be_check(supervisor[1], core[1]);
	close(supervisor[1]);
	close(core[1]);
	lab.supervisor = supervisor[0];
	lab.core = core[0];
}

static int status_of_end(void)
{
	int status;

	assert_int_equal(waitpid(lab.pid, &status, 0), lab.pid);
	lab.pid = 0;
	close(lab.supervisor);
	close(lab.core);
	return status;
}

static void kill_it(void)
{
	kill(lab.pid, SIGKILL);
	assert_true(WIFSIGNALED(status_of_end()));
}

static int begin(void **state)
{
	unlink(lab_path("out"));
	unlink(lab_path("pid"));
	lab_log_clear();
	lab.lifeline = lifeline_create();
	lab.ring = ring_create(64, &lab.ring_fd);
	lab.bookmarks = consumer_bookmarks_create();
	lab.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	draft_begin(&lab.draft, 1, 0);
	launch();
	return 0;
}

static int end(void **state)
{
	if (lab.pid)
		kill_it();
	lab.ring = ring_close(lab.ring);
	close(lab.bookmarks);
	close(lab.wake);
	return 0;
}

static void add_script(uint8_t vrid, const char *path, uid_t uid)
{
	const char *const arguments[] = {path, "INSTANCE", NULL};
	struct image_command *command;

	draft_router(&lab.draft, vrid, "VI_1", "eth0", vrid);
	command = draft_command(&lab.draft, ACTIVE, arguments);
	command->uid = uid;
	command->gid = uid;
}

static void send_image(int channel)
{
	union message message;
	int fd = draft_document(&lab.draft);

	message_init(&message, MESSAGE_IMAGE, lab.draft.header.generation);
	assert_int_equal(channel_send(channel, &message, fd), 0);
	close(fd);
}

/* In the ring, but check is not woken. */
static void append_active(uint8_t vrid)
{
	struct event event = {.kind = EVENT_TRANSITION,
		.slot = vrid,
		.interface = "eth0",
		.family = IMAGE_IPV4,
		.vrid = vrid,
		.priority = 100,
		.new_state = ACTIVE};

	ring_append(lab.ring, &event);
}

static void become_active(uint8_t vrid)
{
	append_active(vrid);
	eventfd_write(lab.wake, 1);
}

static bool is_in_log(void *part)
{
	return strstr(lab_log(), part) != NULL;
}

static bool is_in_out(void *part)
{
	return strstr(lab_text("out"), part) != NULL;
}

static void expect_log(const char *part)
{
	lab_wait(is_in_log, (void *)part, WAIT_MS);
	lab_expect_log(part);
}

static void expect_out(const char *text)
{
	if (!lab_wait(is_in_out, (void *)text, WAIT_MS))
		lab_expect_log("what makes a script write its line"); /* shows what is there */
}

static const char *appender(const char *name, const char *before)
{
	char text[PATH_MAX * 2];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\necho $$ >>%s/pid\necho %s ran >>%s/out\n",
		before, lab_folder(), name, lab_folder());
	return lab_script(name, text);
}

/* Writes its number, then hangs unless the file `go` is there. */
static const char *hanger(void)
{
	char text[PATH_MAX * 2];

	snprintf(text, sizeof(text),
		"#!/bin/sh\ncd %s\necho hanger $$\necho $$ >pid\n[ -e go ] || exec sleep 300\n"
		"echo hanger ran >>out\n",
		lab_folder());
	return lab_script("hanger", text);
}

static bool has_pid(void *context)
{
	return strchr(lab_text("pid"), '\n') != NULL;
}

static pid_t wait_for_pid(void)
{
	assert_true(lab_wait(has_pid, NULL, WAIT_MS));
	return (pid_t)strtol(lab_text("pid"), NULL, 10);
}

static void say_stop_with(uint32_t id)
{
	union message message;

	message_init(&message, MESSAGE_STOP, id);
	assert_int_equal(channel_send(lab.supervisor, &message, -1), 0);
}

static void say_stop(void)
{
	say_stop_with(0);
}

static void test_capabilities(void **state)
{
	char path[64];
	char text[4096];
	FILE *file;

	watcher_await_sleep(lab.lifeline);
	snprintf(path, sizeof(path), "/proc/%d/status", lab.pid);
	file = fopen(path, "re");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_non_null(strstr(text, "CapPrm:\t00000000000000e0\n"));
	assert_non_null(strstr(text, "CapEff:\t00000000000000e0\n"));
}

static void test_scripts_run(void **state)
{
	add_script(1, lab_script("user", "#!/bin/sh\necho user $(id -u)\n"), NOBODY);
	add_script(2, appender("root", ""), 0);
	send_image(lab.core);
	become_active(1);
	become_active(2);
	expect_log("user: user 65534\n");
	expect_out("root ran\n");
}

static void test_new_core(void **state)
{
	union message message;
	int ends[2];

	add_script(1, appender("first", ""), 0);
	send_image(lab.core);
	become_active(1);
	expect_out("first ran\n");
	shutdown(lab.core, SHUT_RDWR);
	expect_log("the channel to core has ended");
	assert_int_equal(channel_pair(ends), 0);
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = PEER_CORE;
	assert_int_equal(channel_send(lab.supervisor, &message, ends[1]), 0);
	close(ends[1]);
	draft_begin(&lab.draft, 5, 0);
	add_script(1, appender("second", ""), 0);
	send_image(ends[0]);
	expect_log("generation 5 of the configuration is in use");
	become_active(1);
	expect_out("second ran\n");
	close(ends[0]);
}

static void test_wrong_delta(void **state)
{
	int status;

	draft_begin(&lab.draft, 5, 4);
	add_script(1, appender("x", ""), 0);
	send_image(lab.core);
	status = status_of_end();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
}

static void test_image_that_is_lost(void **state)
{
	const struct rlimit none = {0, 64};
	int status;

	watcher_await_sleep(lab.lifeline);
	assert_int_equal(prlimit(lab.pid, RLIMIT_NOFILE, &none, NULL), 0);
	add_script(1, appender("x", ""), 0);
	send_image(lab.core);
	status = status_of_end();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
	lab_expect_log("no descriptor is free for a configuration image");
}

/* Killed in the middle of a script: the next life kills the script too, and runs it again. */
static void test_kill(void **state)
{
	pid_t script;

	unlink(lab_path("go"));
	add_script(1, hanger(), 0);
	send_image(lab.core);
	become_active(1);
	script = wait_for_pid();
	kill_it();
	assert_false(lab_is_gone(&script));
	close(open(lab_path("go"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	launch();
	expect_log("killed 1 scripts of the former check process");
	assert_true(lab_wait(lab_is_gone, &script, WAIT_MS));
	send_image(lab.core);
	expect_out("hanger ran\n");
	say_stop();
	assert_int_equal(status_of_end(), 0);
	launch();
	unlink(lab_path("out"));
	send_image(lab.core);
	say_stop();
	assert_int_equal(status_of_end(), 0);
	assert_string_equal(lab_text("out"), "");
}

static void test_stop_runs_what_was_asked(void **state)
{
	add_script(1, appender("slow", "sleep 0.2"), 0);
	send_image(lab.core);
	expect_log("generation 1 of the configuration is in use");
	become_active(1);
	become_active(1);
	expect_out("slow ran\n");
	append_active(1);
	say_stop();
	assert_int_equal(status_of_end(), 0);
	assert_string_equal(lab_text("out"), "slow ran\nslow ran\nslow ran\n");
}

static bool has_ended(void *context)
{
	siginfo_t how = {0};

	return waitid(P_PID, (id_t)lab.pid, &how, WEXITED | WNOHANG | WNOWAIT) == 0 && how.si_pid;
}

/* Longer than what is done otherwise at a stop, and not as long as any script has. */
static void test_stop_leaves_a_script_its_time(void **state)
{
	char before[PATH_MAX];

	unlink(lab_path("go"));
	unlink(lab_path("out"));
	snprintf(before, sizeof(before), "while [ ! -e %s ]; do sleep 0.1; done", lab_path("go"));
	add_script(1, appender("slow", before), 0);
	send_image(lab.core);
	expect_log("generation 1 of the configuration is in use");
	append_active(1);
	say_stop();
	assert_false(lab_wait(has_ended, NULL, CHECK_TELL_MS + 1000));
	assert_string_equal(lab_text("out"), "");
	close(open(lab_path("go"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_int_equal(status_of_end(), 0);
	assert_string_equal(lab_text("out"), "slow ran\n");
}

/* By another program, which goes on, and runs it again. */
static void test_stop_for_a_successor_is_bounded(void **state)
{
	uint64_t before = clock_now();
	pid_t script;

	unlink(lab_path("go"));
	assert_int_equal(close(open(lab_path("pid"), O_CREAT | O_WRONLY | O_CLOEXEC, 0666)), 0);
	chmod(lab_path("pid"), 0666);
	add_script(1, hanger(), NOBODY);
	send_image(lab.core);
	become_active(1);
	script = wait_for_pid();
	say_stop_with(MESSAGE_STOP_SUCCEEDED);
	assert_int_equal(status_of_end(), 0);
	assert_in_range((clock_now() - before) / NSEC_PER_MSEC, CHECK_TELL_MS, 2 * CHECK_TELL_MS);
	assert_true(lab_wait(lab_is_gone, &script, WAIT_MS));
	expect_log("the scripts of 1 transitions have not ended");
}

static void test_supervisor_gone(void **state)
{
	uint64_t before;
	pid_t script;
	int status;

	unlink(lab_path("go"));
	add_script(1, hanger(), 0);
	send_image(lab.core);
	become_active(1);
	script = wait_for_pid();
	before = clock_now();
	shutdown(lab.supervisor, SHUT_RDWR);
	status = status_of_end();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
	assert_true(clock_now() - before < 2 * NSEC_PER_SEC);
	assert_true(lab_wait(lab_is_gone, &script, WAIT_MS));
}

static void test_flood_costs_nobody(void **state)
{
	add_script(1, lab_script("flood", "#!/bin/sh\nexec yes flood\n"), NOBODY);
	add_script(2, appender("other", ""), 0);
	send_image(lab.core);
	become_active(1);
	expect_log("further output is not logged");
	become_active(2);
	expect_out("other ran\n");
	watcher_assert_kept_for(lab.lifeline, 2 * LIFELINE_TURN_MS);
}

static void test_ignores_a_terminals_signals(void **state)
{
	watcher_await_sleep(lab.lifeline);
	kill(lab.pid, SIGINT);
	kill(lab.pid, SIGTERM);
	kill(lab.pid, SIGHUP);
	add_script(1, appender("after", ""), 0);
	send_image(lab.core);
	become_active(1);
	expect_out("after ran\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(capabilities),
		TEST(scripts_run),
		TEST(new_core),
		TEST(wrong_delta),
		TEST(image_that_is_lost),
		TEST(kill),
		TEST(stop_runs_what_was_asked),
		TEST(stop_leaves_a_script_its_time),
		TEST(stop_for_a_successor_is_bounded),
		TEST(supervisor_gone),
		TEST(flood_costs_nobody),
		TEST(ignores_a_terminals_signals),
	};

	lab_need_root();
	return cmocka_run_group_tests(tests, lab_set_up, lab_tear_down);
}
