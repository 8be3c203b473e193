/* SPDX-License-Identifier: ISC */
/* Processes that count: what a pattern means, what the connector says, and real processes. */
#include "check/track/procconnector.h"
#include "check/track/process.h"
#include "lib/clock.h"
#include "tests/unit/checklab.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE   30000 /* ms */
#define DELAY_MS   400
#define LONG_MS	   2500 /* longer than from one look to the next */
#define PATTERN(w) .words = (w), .length = sizeof(w)

static sd_event *loop;

/* Of the processes that are counted: another run of this test at the same time has its own. */
static char counted_name[16];

/* ---- Patterns ---- */

struct match_case {
	const char *title;
	struct process_pattern pattern;
	const char *name; /* of the process */
	const char *command;
	size_t length;
	bool matches;
};

#define COMMAND(text) .command = (text), .length = sizeof(text)
#define EXACT	      .parameters = IMAGE_PARAMETERS_EXACT
#define PARTIAL	      .parameters = IMAGE_PARAMETERS_PARTIAL
#define INITIAL	      .parameters = IMAGE_PARAMETERS_INITIAL

/* What keepalived 2.2.7 does with the same configuration and processes. */
static const struct match_case matches[] = {
	{"name", {PATTERN("daemon")}, "daemon", COMMAND("/usr/sbin/daemon\0-d"), true},
	{"another name", {PATTERN("daemon")}, "daemon2", COMMAND("daemon"), false},
	{"a path is no name", {PATTERN("/usr/sbin/daemon")}, "daemon", COMMAND("/usr/sbin/daemon"),
		false},
	{"command", {PATTERN("/usr/sbin/daemon"), .full_command = true}, "daemon",
		COMMAND("/usr/sbin/daemon\0-d"), true},
	{"command, not the name", {PATTERN("daemon"), .full_command = true}, "daemon",
		COMMAND("/usr/sbin/daemon"), false},
	{"command begins so", {PATTERN("/usr/sbin/dae"), .full_command = true}, "daemon",
		COMMAND("/usr/sbin/daemon"), false},
	{"parameters", {PATTERN("./d\0-a\0-b")}, "d", COMMAND("./d\0-a\0-b"), true},
	{"parameters, one more", {PATTERN("./d\0-a")}, "d", COMMAND("./d\0-a\0-b"), false},
	{"parameters, one less", {PATTERN("./d\0-a\0-b")}, "d", COMMAND("./d\0-a"), false},
	{"parameters, name not as called", {PATTERN("d\0-a")}, "d", COMMAND("./d\0-a"), false},
	{"exactly none", {PATTERN("./d"), EXACT}, "d", COMMAND("./d"), true},
	{"exactly none, has one", {PATTERN("./d"), EXACT}, "d", COMMAND("./d\0-a"), false},
	{"exact", {PATTERN("./d\0-a"), EXACT}, "d", COMMAND("./d\0-a"), true},
	{"partial", {PATTERN("./d\0-a"), PARTIAL}, "d", COMMAND("./d\0-a\0-b"), true},
	{"partial, longer word", {PATTERN("./d\0-a"), PARTIAL}, "d", COMMAND("./d\0-ab"), false},
	{"partial, none", {PATTERN("./d"), PARTIAL}, "d", COMMAND("./d\0-ab"), true},
	{"initial", {PATTERN("./d\0-a"), INITIAL}, "d", COMMAND("./d\0-ab"), true},
	{"initial, more words", {PATTERN("./d\0-a"), INITIAL}, "d", COMMAND("./d\0-ab\0-c"), true},
	{"initial, not the last word", {PATTERN("./d\0-a\0-b"), INITIAL}, "d",
		COMMAND("./d\0-aa\0-b"), false},
	{"initial, none", {PATTERN("./d"), INITIAL}, "d", COMMAND("./d\0-a"), true},
	{"initial, none, the program is whole", {PATTERN("./d"), INITIAL}, "d", COMMAND("./dd"),
		false},
	{"kernel thread", {PATTERN("kthreadd"), .full_command = true}, "kthreadd", "", 0, false},
};

static void test_patterns(void **state)
{
	static struct process_seen seen;

	for (size_t i = 0; i < sizeof(matches) / sizeof(*matches); i++) {
		const struct match_case *each = &matches[i];

		snprintf(seen.name, sizeof(seen.name), "%s", each->name);
		seen.length = each->length;
		memcpy(seen.command, each->command, each->length);
		if (process_pattern_matches(&each->pattern, &seen) != each->matches)
			fail_msg("%s", each->title);
	}
}

/* ---- The connector's datagrams ---- */

struct datagram {
	struct nlmsghdr header;
	struct cn_msg message;
	struct proc_event event;
} __attribute__((packed));

static struct datagram datagram(unsigned int what, uint32_t first, uint32_t second)
{
	struct datagram made = {
		.header = {.nlmsg_len = sizeof(made), .nlmsg_type = NLMSG_DONE},
		.message = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof(made.event)},
	};
	uint32_t data[] = {first, second};

	made.event.what = what;
	memcpy(&made.event.event_data, data, sizeof(data));
	return made;
}

static enum procconnector_kind kind_of(const struct datagram *from, size_t size, pid_t pid)
{
	struct procconnector_event event;

	if (!procconnector_read(from, size, &event))
		return CONNECTOR_OTHER;
	if (event.kind != CONNECTOR_OTHER)
		assert_int_equal(event.pid, pid);
	return event.kind;
}

static void test_datagrams(void **state)
{
	struct datagram made = datagram(PROC_EVENT_EXEC, 17, 17);
	struct procconnector_event event;

	assert_int_equal(kind_of(&made, sizeof(made), 17), CONNECTOR_EXEC);
	made.message.id.val++;
	assert_false(procconnector_read(&made, sizeof(made), &event));
	made.message.id.val--;
	for (size_t size = 0; size < offsetof(struct datagram, event.event_data); size++)
		assert_false(procconnector_read(&made, size, &event));
	made = datagram(PROC_EVENT_EXIT, 18, 17); /* a thread's end */
	assert_int_equal(kind_of(&made, sizeof(made), 17), CONNECTOR_OTHER);
	made = datagram(PROC_EVENT_EXIT, 17, 17);
	assert_int_equal(kind_of(&made, sizeof(made), 17), CONNECTOR_EXIT);
	made = datagram(PROC_EVENT_COMM, 17, 17);
	assert_int_equal(kind_of(&made, sizeof(made), 17), CONNECTOR_COMM);
	made = datagram(PROC_EVENT_UID, 17, 17);
	assert_int_equal(kind_of(&made, sizeof(made), 17), CONNECTOR_OTHER);
	made = datagram(PROC_EVENT_FORK, 5, 5);
	made.event.event_data.fork.child_pid = made.event.event_data.fork.child_tgid = 17;
	assert_true(procconnector_read(&made, sizeof(made), &event));
	assert_int_equal(event.kind, CONNECTOR_FORK);
	assert_int_equal(event.parent, 5);
	assert_int_equal(event.pid, 17);
	made.event.event_data.fork.child_pid = 18; /* a thread */
	assert_int_equal(kind_of(&made, sizeof(made), 17), CONNECTOR_OTHER);
}

/* ---- Real processes ---- */

struct seen_state {
	bool known, ok;
	uint32_t count;
	unsigned int told;
	bool wanted_ok;
	uint32_t wanted_count;
};

static void on_told(void *context, bool ok, uint32_t count)
{
	struct seen_state *seen = context;

	seen->known = true;
	seen->ok = ok;
	seen->count = count;
	seen->told++;
}

static bool as_wanted(void *context)
{
	const struct seen_state *seen = context;

	return seen->known && seen->ok == seen->wanted_ok && seen->count == seen->wanted_count;
}

static void expect(struct seen_state *seen, bool ok, uint32_t count)
{
	seen->wanted_ok = ok;
	seen->wanted_count = count;
	if (!lab_turn(loop, as_wanted, seen, PATIENCE))
		fail_msg("%s with %u instead of %s with %u", seen->ok ? "ok" : "failed",
			seen->count, ok ? "ok" : "failed", count);
}

/* A process of that name, which does what it reads from the pipe: f(ork), r(ename), anything else
 * lets its newest child, or itself, end. */
static int orders;

static _Noreturn void counted(int from, const char *name)
{
	pid_t child = -1;
	char order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	while (read(from, &order, 1) == 1) {
		if (order == 'f') {
			child = fork();
			if (child == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				for (;;)
					pause();
			}
		} else if (order == 'r') {
			prctl(PR_SET_NAME, "vra-other");
		} else if (child > 0) {
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
			child = -1;
		} else {
			break;
		}
	}
	_exit(0);
}

static pid_t begin_process(const char *name)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		counted(ends[0], name);
	}
	close(ends[0]);
	orders = ends[1];
	return pid;
}

static void order(char what)
{
	assert_int_equal(write(orders, &what, 1), 1);
}

static void end_process(pid_t pid)
{
	close(orders);
	waitpid(pid, NULL, 0);
}

static struct process_want want(uint32_t quorum, uint32_t quorum_max)
{
	return (struct process_want){
		.pattern = {.words = counted_name, .length = strlen(counted_name) + 1},
		.quorum = quorum,
		.quorum_max = quorum_max};
}

/* What the watch asked for last. */
static void on_ask(void *context, bool wanted)
{
	*(int *)context = wanted;
}

/* With the kernel's news (fd >= 0) or without. */
static void count_real(int fd)
{
	struct seen_state one = {0}, two = {0}, none = {0};
	int asked = -1;
	struct process_watch *watch = process_watch_create(loop, on_ask, &asked);
	struct process_want wants[] = {want(1, UINT32_MAX), want(2, 2), want(0, 0)};
	pid_t pid;

	assert_non_null(watch);
	assert_non_null(process_track(watch, &wants[0], on_told, &one));
	assert_non_null(process_track(watch, &wants[1], on_told, &two));
	assert_non_null(process_track(watch, &wants[2], on_told, &none));
	assert_int_equal(asked, 1);
	process_watch_connect(watch, fd);
	expect(&one, false, 0);
	expect(&none, true, 0);
	pid = begin_process(counted_name);
	expect(&one, true, 1);
	expect(&none, false, 1);
	order('f');
	expect(&two, true, 2);
	expect(&one, true, 2);
	order('k');
	expect(&two, false, 1);
	order('r'); /* it has another name now */
	expect(&one, false, 0);
	end_process(pid);
	/* A zombie does not count. */
	pid = begin_process(counted_name);
	expect(&one, true, 1);
	order('q');
	expect(&one, false, 0);
	end_process(pid);
	process_watch_free(watch);
	assert_int_equal(asked, 0);
}

static void test_without_connector(void **state)
{
	count_real(-EPERM);
}

/* Where the connector is refused (containers), tests/guest has the same from outside. */
static void test_with_connector(void **state)
{
	int fd = procconnector_open(0, false);

	if (fd < 0)
		skip();
	count_real(fd);
}

/* Of a fork's news only a delay is left out: it has to last. */
static void test_delays(void **state)
{
	struct seen_state seen = {0};
	int asked;
	struct process_watch *watch = process_watch_create(loop, on_ask, &asked);
	struct process_want wanted = want(2, UINT32_MAX);
	uint64_t began;
	pid_t pid;

	wanted.fork_delay = wanted.terminate_delay = DELAY_MS * NSEC_PER_MSEC;
	pid = begin_process(counted_name);
	assert_non_null(process_track(watch, &wanted, on_told, &seen));
	process_watch_connect(watch, procconnector_open(0, false));
	expect(&seen, false, 1);
	began = clock_now();
	order('f');
	expect(&seen, true, 2);
	assert_true(clock_now() - began >= DELAY_MS * NSEC_PER_MSEC);
	began = clock_now();
	order('k');
	expect(&seen, false, 1);
	assert_true(clock_now() - began >= DELAY_MS * NSEC_PER_MSEC);
	end_process(pid);
	process_watch_free(watch);
}

static struct process_watch *watch_anew(struct process_want *wanted, struct seen_state *seen)
{
	static int asked;
	struct process_watch *watch = process_watch_create(loop, on_ask, &asked);

	*seen = (struct seen_state){0};
	assert_non_null(watch);
	assert_non_null(process_track(watch, wanted, on_told, seen));
	process_watch_connect(watch, -EPERM);
	return watch;
}

/* A change that waits goes on waiting in the next life, to the same time; one that was missed
 * meanwhile waits from then on; and with no memory nothing is known. */
static void test_next_life(void **state)
{
	_Atomic uint64_t memory = 0;
	struct process_want wanted = want(1, UINT32_MAX);
	struct process_watch *watch;
	struct seen_state seen;
	uint64_t began;
	pid_t pid = begin_process(counted_name);

	wanted.terminate_delay = LONG_MS * NSEC_PER_MSEC;
	wanted.memory = &memory;
	watch = watch_anew(&wanted, &seen);
	expect(&seen, true, 1);
	end_process(pid);
	began = clock_now();
	while (memory >> 2 == 0) /* a look has seen it */
		assert_true(sd_event_run(loop, 1000000) >= 0 &&
			    clock_now() - began < PATIENCE * NSEC_PER_MSEC);
	process_watch_free(watch);
	watch = watch_anew(&wanted, &seen);
	expect(&seen, true, 0);
	expect(&seen, false, 0);
	assert_true(clock_now() - began >= LONG_MS * NSEC_PER_MSEC);
	process_watch_free(watch);
	watch = watch_anew(&wanted, &seen);
	expect(&seen, false, 0);
	assert_int_equal(seen.told, 1);
	process_watch_free(watch);

	memory = 3; /* it was met, and ended unseen */
	began = clock_now();
	watch = watch_anew(&wanted, &seen);
	expect(&seen, true, 0);
	expect(&seen, false, 0);
	assert_true(clock_now() - began >= LONG_MS * NSEC_PER_MSEC);
	process_watch_free(watch);
	memory = 3; /* the same, of one of two */
	wanted.quorum = 2;
	pid = begin_process(counted_name);
	began = clock_now();
	watch = watch_anew(&wanted, &seen);
	expect(&seen, true, 1);
	expect(&seen, false, 1);
	assert_true(clock_now() - began >= LONG_MS * NSEC_PER_MSEC);
	process_watch_free(watch);
	end_process(pid);
	memory = 0;
	watch = watch_anew(&wanted, &seen);
	expect(&seen, false, 0);
	assert_int_equal(seen.told, 1);
	process_watch_free(watch);
}

/* A tracker that goes takes with it what it counted; the others go on. */
static void test_untrack(void **state)
{
	struct seen_state one = {0}, other = {0};
	int asked;
	struct process_watch *watch = process_watch_create(loop, on_ask, &asked);
	struct process_want wanted = want(1, UINT32_MAX);
	struct process_tracker *first = process_track(watch, &wanted, on_told, &one);
	pid_t pid = begin_process(counted_name);
	unsigned int told;

	process_track(watch, &wanted, on_told, &other);
	expect(&one, true, 1);
	expect(&other, true, 1);
	told = one.told;
	process_untrack(first);
	end_process(pid);
	expect(&other, false, 0);
	assert_int_equal(one.told, told);
	assert_int_equal(asked, 1);
	process_watch_free(watch);
	assert_int_equal(asked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_without_connector),
		cmocka_unit_test(test_with_connector),
		cmocka_unit_test(test_delays),
		cmocka_unit_test(test_next_life),
		cmocka_unit_test(test_untrack),
	};
	int failed;

	snprintf(counted_name, sizeof(counted_name), "vra-%d", (int)getpid());
	cmocka_set_message_output(CM_OUTPUT_TAP);
	assert_true(sd_event_new(&loop) >= 0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sd_event_unref(loop);
	return failed;
}
