/* SPDX-License-Identifier: ISC */
/* One script: what it finds around it, how it ends, and which programs are refused. */
#include "check/script/script.h"
#include "lib/clock.h"
#include "lib/trust.h"
#include "tests/unit/checklab.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY	 65534
#define STRANGER 54321 /* a user that nobody has heard of */

static sd_event *loop;

static void on_ended(void *context)
{
	++*(int *)context;
}

static bool is_set(void *context)
{
	return *(int *)context > 0;
}

static int run_for(struct spawn_request *request, uint32_t timeout_ms)
{
	struct script *script;
	int ended = 0;

	lab_log_clear();
	assert_int_equal(
		script_start(&script, loop, "VI_1", request, timeout_ms, on_ended, &ended), 0);
	assert_true(lab_turn(loop, is_set, &ended, 20000));
	return ended;
}

static void run(uid_t uid, const char *const *arguments)
{
	struct spawn_request request = {
		.arguments = (char *const *)arguments, .uid = uid, .gid = uid};

	assert_int_equal(run_for(&request, SCRIPT_TIMEOUT_MS), 1);
}

#define RUN(uid, ...) run(uid, (const char *const[]){__VA_ARGS__, NULL})

static const char process_context[] =
	"#!/bin/sh\n"
	"echo \"uid=$(id -u),$(id -ru) gid=$(id -g) groups=$(id -G)\"\n"
	"echo \"cwd=$(pwd) umask=$(umask)\"\n"
	"set -- $(cat /proc/$$/stat)\n"
	"[ \"$1 $1\" = \"$5 $6\" ] && echo leader\n"
	"echo \"stdin=$(readlink /proc/$$/fd/0)\"\n";

static void test_process_context(void **state)
{
	const char *path = lab_script("process-context", process_context);
	static const struct {
		uid_t uid;
		const char *identity;
	} rows[] = {
		{0, ": uid=0,0 gid=0 groups=0\n"},
		{NOBODY, ": uid=65534,65534 gid=65534 groups=65534\n"},
		{STRANGER, ": uid=54321,54321 gid=54321 groups=54321\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		RUN(rows[i].uid, path);
		lab_expect_log(rows[i].identity);
		lab_expect_log(": cwd=/ umask=0077\n");
		lab_expect_log(": leader\n");
		lab_expect_log(": stdin=/dev/null\n");
		lab_expect_log("debug check: VI_1: ");
	}
}

static void test_descriptors(void **state)
{
	RUN(0, "/bin/ls", "/proc/self/fd");
	lab_expect_log(": 0\n");
	lab_expect_log(": 1\n");
	lab_expect_log(": 2\n");
	lab_expect_log(": 3\n"); /* ls's own, on the folder */
	lab_expect_not_in_log(": 4\n");
	lab_expect_not_in_log(": 50\n");
}

static void test_signals_and_capabilities(void **state)
{
	static const char *const none[] = {"SigBlk", "SigIgn", "CapInh", "CapAmb"};
	char line[64];

	RUN(0, "/bin/grep", "-E", "^(Sig|Cap)", "/proc/self/status");
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(line, sizeof(line), ": %s: 0000000000000000\n", none[i]);
		lab_expect_log(line);
	}
	RUN(NOBODY, "/bin/grep", "-E", "^(Sig|Cap)", "/proc/self/status");
	lab_expect_log(": CapPrm: 0000000000000000\n");
	lab_expect_log(": CapEff: 0000000000000000\n");
}

static void test_environment(void **state)
{
	const char *const arguments[] = {"env", NULL};
	const char *const variables[] = {"VRRP_INSTANCE=VI_1", "VRRP_VRID=7", NULL};
	struct spawn_request request = {.arguments = (char *const *)arguments,
		.variables = variables,
		.uid = NOBODY,
		.gid = NOBODY};
	static const char *const lines[] = {": PATH=" TRUST_PATH "\n", ": HOME=/nonexistent\n",
		": USER=nobody\n", ": LANG=", ": VRRP_INSTANCE=VI_1\n", ": VRRP_VRID=7\n"};
	const char *log;
	int count = 0;

	run_for(&request, SCRIPT_TIMEOUT_MS);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		lab_expect_log(lines[i]);
	for (log = lab_log(); (log = strstr(log, "info check: VI_1: env: ")); log++)
		count++;
	assert_int_equal(count, 6);
}

static void test_arguments(void **state)
{
	const char *path = lab_script("arguments", "#!/bin/sh\nfor a; do echo \"<$a>\"; done\n");
	const char *const arguments[] = {path, "INSTANCE", "a b", "", NULL};
	struct spawn_request request = {.arguments = (char *const *)arguments, .appended = "100"};

	run_for(&request, SCRIPT_TIMEOUT_MS);
	lab_expect_log(": <INSTANCE>\n");
	lab_expect_log(": <a b>\n");
	lab_expect_log(": <>\n");
	lab_expect_log(": <100>\n");
}

static void test_ends(void **state)
{
	static const struct {
		const char *text;
		const char *log;
	} rows[] = {
		{"#!/bin/sh\nexit 0\n", "debug check: VI_1: %s ended\n"},
		{"#!/bin/sh\nexit 7\n", "warning check: VI_1: %s ended with status 7\n"},
		{"#!/bin/sh\nkill -SEGV $$\n", "warning check: VI_1: %s was ended by signal 11 "},
		{"#!/nonexistent/sh\n", "VI_1: %s was not run: %s: the interpreter that"},
		{"echo hello\n", "error check: VI_1: %s was not run: %s: it is no program"},
		{"#!/bin/sh\nprintf 'no newline'; exec >&- 2>&-; exit 3\n", "%s: no newline\n"},
		{"#!/bin/sh\nprintf 'a\\033[2Jb\\tc\\n'\n", "%s: a?[2Jb c\n"},
	};
	char line[PATH_MAX * 2];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *path = lab_script("ends", rows[i].text);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(line, sizeof(line), rows[i].log, path, path);
#pragma GCC diagnostic pop
		RUN(0, path);
		lab_expect_log(line);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_timeout(void **state)
{
	const char *path = lab_script("stuck",
		"#!/bin/sh\ntrap '' TERM\n(trap '' TERM; sleep 300) &\necho child $!\nwait\n"
		"sleep 300\n");
	struct spawn_request request = {.arguments = (char *const[]){(char *)path, NULL}};
	uint64_t before = clock_now();
	const char *child;
	pid_t pid;

	run_for(&request, 1500);
	assert_in_range((clock_now() - before) / NSEC_PER_MSEC, 1500 + SCRIPT_KILL_MS, 10000);
	lab_expect_log("was ended after 1500 ms: it did not end by itself\n");
	child = strstr(lab_log(), ": child ");
	assert_non_null(child);
	pid = (pid_t)strtol(child + strlen(": child "), NULL, 10);
	assert_true(lab_wait(lab_is_gone, &pid, 5000));
}

static void test_term_is_enough(void **state)
{
	const char *path = lab_script("polite", "#!/bin/sh\nsleep 300\n");
	struct spawn_request request = {
		.arguments = (char *const[]){(char *)path, NULL}, .uid = NOBODY, .gid = NOBODY};
	uint64_t before = clock_now();

	run_for(&request, 100);
	assert_in_range((clock_now() - before) / NSEC_PER_MSEC, 100, SCRIPT_KILL_MS - 1);
}

static void test_flood(void **state)
{
	const char *path = lab_script("flood", "#!/bin/sh\nyes flood | head -c 4000000\n");
	const char *log;
	int lines = 0;

	RUN(0, path);
	for (log = lab_log(); (log = strstr(log, ": flood\n")); log++)
		lines++;
	assert_int_equal(lines, 64);
	lab_expect_log("further output is not logged\n");
	lab_expect_log(" ended\n");
}

static bool has_late_line(void *context)
{
	return strstr(lab_log(), ": late") != NULL;
}

static void test_background(void **state)
{
	const char *path = lab_script(
		"background", "#!/bin/sh\n(sleep 0.3; echo early; echo late)&\nexit 0\n");

	RUN(0, path);
	lab_expect_not_in_log(": late");
	assert_true(lab_turn(loop, has_late_line, NULL, 5000));
}

static void test_abandon(void **state)
{
	const char *path = lab_script("long", "#!/bin/sh\nsleep 300\n");
	struct spawn_request request = {.arguments = (char *const[]){(char *)path, NULL}};
	struct script *script;
	int ended = 0;

	assert_int_equal(script_start(&script, loop, "VI_1", &request, 60000, on_ended, &ended), 0);
	assert_null(script_abandon(script));
	assert_null(script_abandon(NULL));
	assert_int_equal(ended, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Each row spoils one thing on the way to DIR/bin/program; `why` is in what the operator reads. */
static void make_good(void)
{
	const char *bin = lab_path("bin");

	mkdir(bin, 0755);
	assert_int_equal(chown(bin, 0, 0) | chmod(bin, 0755), 0);
	unlink(lab_path("bin/program"));
	unlink(lab_path("link"));
	assert_int_equal(chown(lab_script("bin/program", "#!/bin/sh\necho ran\n"), 0, 0), 0);
	assert_int_equal(symlink("bin/../bin/./program", lab_path("link")), 0);
}

static void good(void)
{
}

static void spoil_file_owner(void)
{
	assert_int_equal(chown(lab_path("bin/program"), NOBODY, 0), 0);
}

static void spoil_file_others(void)
{
	chmod(lab_path("bin/program"), 0757);
}

static void spoil_file_group(void)
{
	assert_int_equal(chown(lab_path("bin/program"), 0, NOBODY), 0);
	chmod(lab_path("bin/program"), 0775);
}

static void root_group(void)
{
	chmod(lab_path("bin/program"), 0775);
}

static void spoil_folder_owner(void)
{
	assert_int_equal(chown(lab_path("bin"), NOBODY, 0), 0);
}

static void spoil_folder_sticky(void)
{
	chmod(lab_path("bin"), 01777);
}

static void spoil_link_owner(void)
{
	assert_int_equal(lchown(lab_path("link"), NOBODY, 0), 0);
}

static void spoil_mode(void)
{
	chmod(lab_path("bin/program"), 0644);
}

static void spoil_presence(void)
{
	unlink(lab_path("bin/program"));
}

static void spoil_kind(void)
{
	unlink(lab_path("bin/program"));
	mkdir(lab_path("bin/program"), 0755);
}

static void spoil_loop(void)
{
	unlink(lab_path("bin/program"));
	assert_int_equal(symlink("../link", lab_path("bin/program")), 0);
}

static const struct {
	void (*prepare)(void);
	int error;
	const char *why;
} trust_rows[] = {
	{good, 0, NULL},
	{root_group, 0, NULL},
	{spoil_file_owner, -EPERM, "/bin/program belongs to user 65534"},
	{spoil_file_others, -EPERM, "/bin/program is writable by everybody"},
	{spoil_file_group, -EPERM, "/bin/program is writable by other users of group 65534"},
	{spoil_folder_owner, -EPERM, "/bin belongs to user 65534"},
	{spoil_folder_sticky, -EPERM, "/bin is writable by everybody"},
	{spoil_link_owner, -EPERM, "/link belongs to user 65534"},
	{spoil_mode, -EACCES, "is not executable"},
	{spoil_presence, -ENOENT, "No such file"},
	{spoil_loop, -ELOOP, "can't be followed"},
	{spoil_kind, -EACCES, "is not a file"},
};

static void test_trust(void **state)
{
	char resolved[PATH_MAX];
	char why[TRUST_WHY];

	for (size_t i = 0; i < sizeof(trust_rows) / sizeof(*trust_rows); i++) {
		make_good();
		trust_rows[i].prepare();
		assert_int_equal(
			trust_resolve(lab_path("link"), resolved, why), trust_rows[i].error);
		if (trust_rows[i].error == 0)
			assert_string_equal(resolved, lab_path("bin/program"));
		else if (!strstr(why, trust_rows[i].why))
			fail_msg("row %zu: %s", i, why);
		RUN(0, lab_path("link"));
		if (trust_rows[i].error == 0)
			lab_expect_log(": ran\n");
		else
			lab_expect_log("was not run: ");
	}
	rmdir(lab_path("bin/program"));
}

/* The rule is root's alone: a user may run what they like, and not what they may not. */
static void test_other_users(void **state)
{
	make_good();
	spoil_file_owner();
	RUN(NOBODY, lab_path("bin/program"));
	lab_expect_log(": ran\n");
	chmod(lab_path("bin"), 0700);
	RUN(NOBODY, lab_path("bin/program"));
	lab_expect_log("user nobody may not execute it, or not reach its folder\n");
	RUN(0, "no-such-program-anywhere");
	lab_expect_log("was not run: no-such-program-anywhere: there is no such program in");
}

static int raise_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets) < 0)
		return -1;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].inheritable = sets[i].permitted;
	if (syscall(SYS_capset, &header, sets) < 0)
		return -1;
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0);
}

/* Whatever a script must not inherit. */
static int set_up(void **state)
{
	sigset_t blocked;

	lab_begin();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	umask(077);
	setenv("SECRET", "1", 1);
	if (dup2(STDIN_FILENO, 50) != 50 || setgroups(1, (gid_t[]){4242}) < 0 ||
		raise_capabilities() < 0)
		return -1;
	return sd_event_new(&loop) < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	sd_event_unref(loop);
	lab_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process_context),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_signals_and_capabilities),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_term_is_enough),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_abandon),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_other_users),
	};

	lab_need_root();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
