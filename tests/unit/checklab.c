/* SPDX-License-Identifier: ISC */
#include "tests/unit/checklab.h"

#include "lib/clock.h"
#include "lib/log.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PATHS 16

static char folder[64];
static int saved_stderr = -1;

void lab_need_root(void)
{
	if (geteuid() == 0)
		return;
	printf("1..0 # SKIP needs root: scripts are run as other users\n");
	exit(0);
}

void lab_begin(void)
{
	int log;

	snprintf(folder, sizeof(folder), "/run/vrrp-agent-test-XXXXXX");
	assert_true(mkdtemp(folder));
	chmod(folder, 0755);
	log = open(lab_path("log"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	assert_true(log >= 0);
	saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	dup2(log, STDERR_FILENO);
	close(log);
	unsetenv("JOURNAL_STREAM");
	log_open("check", LOG_DEBUG);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path);
}

void lab_end(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int lab_set_up(void **state)
{
	lab_begin();
	return 0;
}

int lab_tear_down(void **state)
{
	lab_end();
	return 0;
}

const char *lab_folder(void)
{
	return folder;
}

const char *lab_path(const char *name)
{
	static char paths[PATHS][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % PATHS];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

const char *lab_script(const char *name, const char *text)
{
	const char *path = lab_path(name);
	FILE *file = fopen(path, "we");

	assert_true(file);
	fputs(text, file);
	fchmod(fileno(file), 0755);
	fclose(file);
	return path;
}

const char *lab_text(const char *name)
{
	static char text[1 << 18];
	int fd = open(lab_path(name), O_RDONLY | O_CLOEXEC);
	ssize_t length;

	text[0] = '\0';
	if (fd < 0)
		return text;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return text;
}

const char *lab_log(void)
{
	return lab_text("log");
}

void lab_log_clear(void)
{
	assert_true(ftruncate(STDERR_FILENO, 0) == 0);
}

/* To standard output: cmocka's own messages go where the log does. */
static void show_log(const char *what, const char *part)
{
	char *line;
	char *rest;

	printf("# in the log is %s '%s':\n", what, part);
	rest = strdup(lab_log());
	assert_non_null(rest);
	for (char *at = rest; (line = strsep(&at, "\n"));)
		printf("# | %s\n", line);
	fflush(stdout);
	free(rest);
	fail();
}

void lab_expect_log(const char *part)
{
	if (!strstr(lab_log(), part))
		show_log("no", part);
}

void lab_expect_not_in_log(const char *part)
{
	if (strstr(lab_log(), part))
		show_log("a", part);
}

bool lab_turn(sd_event *loop, bool (*done)(void *context), void *context, unsigned int timeout_ms)
{
	uint64_t end = clock_now() + timeout_ms * NSEC_PER_MSEC;

	while (!done(context)) {
		if (clock_now() > end)
			return false;
		assert_true(sd_event_run(loop, 20000) >= 0);
	}
	return true;
}

bool lab_wait(bool (*done)(void *context), void *context, unsigned int timeout_ms)
{
	uint64_t end = clock_now() + timeout_ms * NSEC_PER_MSEC;

	while (!done(context)) {
		if (clock_now() > end)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

bool lab_is_gone(void *pid)
{
	char path[64];
	char text[512] = "";
	FILE *file;
	bool gone;

	snprintf(path, sizeof(path), "/proc/%d/stat", *(pid_t *)pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	gone = !fgets(text, sizeof(text), file) || strstr(text, ") Z ");
	fclose(file);
	return gone;
}
