/* SPDX-License-Identifier: ISC */
/* Files whose number counts: what is a number, how files change, and who writes the first one. */
#include "check/track/trackfile.h"
#include "tests/unit/checklab.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE 30000 /* ms */
#define NOBODY	 65534

static sd_event *loop;

/* ---- Numbers ---- */

#define UNTOUCHED 4711

/* As keepalived 2.2.7 reads them. */
static const struct {
	const char *text;
	enum valuefile_result result;
	int32_t value;
} numbers[] = {
	{"0\n", VALUEFILE_NUMBER, 0},
	{"5", VALUEFILE_NUMBER, 5},
	{"-5\n", VALUEFILE_NUMBER, -5},
	{"+4\n", VALUEFILE_NUMBER, 4},
	{"10 20\n", VALUEFILE_NUMBER, 10},
	{"7abc\n", VALUEFILE_NUMBER, 7},
	{" \n\t9\n", VALUEFILE_NUMBER, 9},
	{"5.9\n", VALUEFILE_NUMBER, 5},
	{"1e1\n", VALUEFILE_NUMBER, 1},
	{"0x10\n", VALUEFILE_NUMBER, 16},
	{"2147483647\n", VALUEFILE_NUMBER, INT32_MAX},
	{"-2147483648\n", VALUEFILE_NUMBER, INT32_MIN},
	{"2147483648\n", VALUEFILE_RANGE, UNTOUCHED},
	{"-2147483649\n", VALUEFILE_RANGE, UNTOUCHED},
	{"99999999999999999999\n", VALUEFILE_RANGE, UNTOUCHED},
	{"abc\n", VALUEFILE_NO_NUMBER, 0},
	{"", VALUEFILE_NO_NUMBER, 0},
	{"-", VALUEFILE_NO_NUMBER, 0},
};

static void test_numbers(void **state)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		int32_t value = UNTOUCHED;

		if (valuefile_parse(numbers[i].text, &value) != numbers[i].result ||
			value != numbers[i].value)
			fail_msg("'%s': %d", numbers[i].text, value);
	}
}

/* ---- Changes ---- */

struct seen_value {
	bool known;
	int32_t value;
	enum valuefile_result result;
	int32_t wanted_value;
	enum valuefile_result wanted_result;
	unsigned int told;
};

static void on_told(void *context, int32_t value, enum valuefile_result result)
{
	struct seen_value *seen = context;

	seen->known = true;
	seen->value = value;
	seen->result = result;
	seen->told++;
}

static bool as_wanted(void *context)
{
	const struct seen_value *seen = context;

	return seen->known && seen->value == seen->wanted_value &&
	       seen->result == seen->wanted_result;
}

static void expect(struct seen_value *seen, enum valuefile_result result, int32_t value)
{
	seen->wanted_result = result;
	seen->wanted_value = value;
	if (!lab_turn(loop, as_wanted, seen, PATIENCE))
		fail_msg("%d (%d) instead of %d (%d)", seen->value, seen->result, value, result);
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(lab_path(name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void move(const char *from, const char *to)
{
	assert_int_equal(rename(lab_path(from), lab_path(to)), 0);
}

/* How editors, scripts and administrators change a file. */
static void test_changes(void **state)
{
	struct trackfile_watch *watch = trackfile_watch_create(loop);
	struct seen_value seen = {0}, other = {0};

	assert_non_null(watch);
	trackfile_track(watch, lab_path("folder/value"), on_told, &seen);
	trackfile_track(watch, lab_path("folder/other"), on_told, &other);
	expect(&seen, VALUEFILE_NONE, 0);
	assert_int_equal(mkdir(lab_path("folder"), 0755), 0);
	put("folder/value", "1\n");
	expect(&seen, VALUEFILE_NUMBER, 1);
	put("folder/value", "2\n");
	expect(&seen, VALUEFILE_NUMBER, 2);
	put("folder/new", "3\n");
	move("folder/new", "folder/value");
	expect(&seen, VALUEFILE_NUMBER, 3);
	put("folder/value", "nothing\n");
	expect(&seen, VALUEFILE_NO_NUMBER, 0);
	put("folder/value", "4\n");
	expect(&seen, VALUEFILE_NUMBER, 4);
	put("folder/value", "99999999999\n");
	expect(&seen, VALUEFILE_RANGE, 4);
	assert_int_equal(unlink(lab_path("folder/value")), 0);
	expect(&seen, VALUEFILE_NONE, 0);
	put("folder/value", "5\n");
	expect(&seen, VALUEFILE_NUMBER, 5);
	move("folder/value", "folder/away");
	expect(&seen, VALUEFILE_NONE, 0);
	assert_int_equal(link(lab_path("folder/away"), lab_path("folder/value")), 0);
	expect(&seen, VALUEFILE_NUMBER, 5);
	assert_int_equal(unlink(lab_path("folder/value")), 0);
	/* A link's target is written elsewhere. */
	put("target", "6\n");
	assert_int_equal(symlink("../target", lab_path("folder/value")), 0);
	expect(&seen, VALUEFILE_NUMBER, 6);
	put("target", "7\n");
	expect(&seen, VALUEFILE_NUMBER, 7);
	/* The folder is another one. */
	move("folder", "folder-away");
	expect(&seen, VALUEFILE_NONE, 0);
	assert_int_equal(mkdir(lab_path("folder"), 0755), 0);
	put("folder/value", "8\n");
	expect(&seen, VALUEFILE_NUMBER, 8);
	put("folder-away/value", "9\n");
	put("folder/value", "10\n");
	expect(&seen, VALUEFILE_NUMBER, 10);
	assert_int_equal(unlink(lab_path("folder/value")), 0);
	assert_int_equal(mkfifo(lab_path("folder/value"), 0644), 0);
	expect(&seen, VALUEFILE_UNREADABLE, 0);
	assert_int_equal(other.told, 1);
	trackfile_watch_free(watch);
}

/* What is still being written is not read: its end is waited for. */
static void test_half_written(void **state)
{
	struct trackfile_watch *watch = trackfile_watch_create(loop);
	struct seen_value seen = {0}, mark = {0};
	int fd;

	put("half", "-3\n");
	trackfile_track(watch, lab_path("half"), on_told, &seen);
	trackfile_track(watch, lab_path("mark"), on_told, &mark);
	expect(&seen, VALUEFILE_NUMBER, -3);
	fd = open(lab_path("half"), O_WRONLY | O_TRUNC | O_CLOEXEC);
	put("mark", "1\n");
	expect(&mark, VALUEFILE_NUMBER, 1);
	assert_int_equal(seen.value, -3);
	assert_int_equal(write(fd, "-20\n", 4), 4);
	close(fd);
	expect(&seen, VALUEFILE_NUMBER, -20);
	assert_int_equal(seen.told, 2);
	trackfile_watch_free(watch);
}

/* ---- The first number, and others' files ---- */

static int init(const char *name, bool overwrite)
{
	return valuefile_init(lab_path(name), 7, overwrite);
}

static void test_init(void **state)
{
	struct stat status;

	assert_int_equal(init("made", false), 1);
	assert_string_equal(lab_text("made"), "7\n");
	put("kept", "42\n");
	assert_int_equal(init("kept", false), 0);
	assert_string_equal(lab_text("kept"), "42\n");
	assert_int_equal(init("kept", true), 1);
	assert_string_equal(lab_text("kept"), "7\n");
	/* A link is replaced, and what it leads to stays as it is. */
	put("victim", "42\n");
	assert_int_equal(symlink("victim", lab_path("trap")), 0);
	assert_int_equal(init("trap", false), 0);
	assert_int_equal(init("trap", true), 1);
	assert_string_equal(lab_text("victim"), "42\n");
	assert_int_equal(lstat(lab_path("trap"), &status), 0);
	assert_true(S_ISREG(status.st_mode));
	assert_int_equal(symlink("nowhere", lab_path("loose")), 0);
	assert_int_equal(init("loose", false), 1);
	assert_int_equal(access(lab_path("nowhere"), F_OK), -1);
	assert_int_equal(init("no/such/folder", false), -ENOENT);
}

/* As the check process is: root, without the power to pass over permissions. */
static void give_up_power(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	data[0].permitted = data[0].effective = 1u << CAP_SETUID | 1u << CAP_SETGID;
	if (syscall(SYS_capset, &header, data) < 0)
		_exit(100);
}

static int without_power(void)
{
	int32_t value = 0;
	struct stat status;

	give_up_power();
	if (valuefile_read(lab_path("theirs/value"), &value) != VALUEFILE_NUMBER || value != 42)
		return 1;
	if (init("theirs/made", false) != 1 || stat(lab_path("theirs/made"), &status) < 0)
		return 2;
	if (status.st_uid != NOBODY)
		return 3;
	if (init("theirs/trap", true) != 1)
		return 4;
	/* and it is itself again */
	if (init("ours", false) != 1 || stat(lab_path("ours"), &status) < 0 || status.st_uid != 0)
		return 5;
	return 0;
}

static void test_others_files(void **state)
{
	int status;
	pid_t pid;

	assert_int_equal(mkdir(lab_path("theirs"), 0700), 0);
	put("theirs/value", "42\n");
	put("secret", "42\n");
	assert_int_equal(chmod(lab_path("theirs/value"), 0600), 0);
	assert_int_equal(chown(lab_path("theirs/value"), NOBODY, NOBODY), 0);
	assert_int_equal(symlink(lab_path("secret"), lab_path("theirs/trap")), 0);
	assert_int_equal(chown(lab_path("theirs"), NOBODY, NOBODY), 0);
	assert_int_equal(chmod(lab_path("theirs"), 0711), 0);
	pid = fork();
	if (pid == 0)
		_exit(without_power());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_string_equal(lab_text("secret"), "42\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_half_written),
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_others_files),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	lab_need_root();
	lab_begin();
	assert_true(sd_event_new(&loop) >= 0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sd_event_unref(loop);
	lab_end();
	return failed;
}
