/* SPDX-License-Identifier: ISC */
#include "check/script/become.h"

#include "check/script/runlist.h"
#include "lib/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_NOT_RUN	126
#define OWN_VARIABLES	4
#define FIRST_UNRELATED 3 /* descriptors from here on are not the program's business */

struct user {
	char name[64];
	char home[PATH_MAX];
	gid_t *groups;
	int group_count;
};

static _Noreturn void fail(int report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static _Noreturn void fail(int report, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(report, format, arguments);
	va_end(arguments);
	_exit(EXIT_NOT_RUN);
}

/* Root's entry is not looked up: its scripts must run when no name service answers. */
static void find_user(const struct spawn_request *request, int report, struct user *user)
{
	const struct passwd *entry = request->uid ? getpwuid(request->uid) : NULL;

	user->group_count = 1;
	snprintf(user->name, sizeof(user->name), "%s", "root");
	snprintf(user->home, sizeof(user->home), "%s", "/root");
	if (!entry && request->uid) {
		snprintf(user->name, sizeof(user->name), "%u", request->uid);
		snprintf(user->home, sizeof(user->home), "%s", "/");
	}
	if (entry) {
		snprintf(user->name, sizeof(user->name), "%s", entry->pw_name);
		snprintf(user->home, sizeof(user->home), "%s", entry->pw_dir);
		user->group_count = 0;
		getgrouplist(user->name, request->gid, NULL, &user->group_count);
	}
	user->groups = calloc((size_t)user->group_count, sizeof(gid_t));
	if (!user->groups)
		fail(report, "no memory");
	user->groups[0] = request->gid;
	if (entry && getgrouplist(user->name, request->gid, user->groups, &user->group_count) < 0)
		fail(report, "the groups of user %s can't be looked up", user->name);
}

static void drop_inheritable(int report)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets) < 0)
		fail(report, "capabilities can't be read: %s", strerror(errno));
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].inheritable = 0;
	if (syscall(SYS_capset, &header, sets) < 0 ||
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		fail(report, "capabilities can't be dropped: %s", strerror(errno));
}

static void take_identity(const struct spawn_request *request, int report, const struct user *user)
{
	drop_inheritable(report);
	if (setgroups((size_t)user->group_count, user->groups) < 0 ||
		setresgid(request->gid, request->gid, request->gid) < 0 ||
		setresuid(request->uid, request->uid, request->uid) < 0)
		fail(report, "can't become user %u, group %u: %s", request->uid, request->gid,
			strerror(errno));
}

/* Moves both out of the way of 0, 1 and 2 first, in case these were not open. */
static int take_streams(int output, int report)
{
	int null;

	report = fcntl(report, F_DUPFD_CLOEXEC, FIRST_UNRELATED);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	output = fcntl(output < 0 ? null : output, F_DUPFD_CLOEXEC, FIRST_UNRELATED);
	if (report < 0 || output < 0 || null < 0)
		fail(report, "its descriptors can't be set up: %s", strerror(errno));
	if (dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
		dup2(output, STDERR_FILENO) < 0 ||
		syscall(SYS_close_range, FIRST_UNRELATED, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		fail(report, "its descriptors can't be set up: %s", strerror(errno));
	return report;
}

/* By the system call, because libc keeps its own two signals from being touched, and those too may
 * be ignored by whoever started us. */
static void take_defaults(int report)
{
	static const unsigned long action[8]; /* all zero: the kernel's SIG_DFL */
	const struct rlimit no_nice = {0, 0};
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		syscall(SYS_rt_sigaction, number, action, NULL, (NSIG - 1) / CHAR_BIT);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpriority(PRIO_PROCESS, 0, 0);
	setrlimit(RLIMIT_NICE, &no_nice);
	if (chdir("/") < 0)
		fail(report, "the folder / can't be entered: %s", strerror(errno));
}

static char **make_arguments(const struct spawn_request *request)
{
	size_t count = 0;
	char **arguments;

	while (request->arguments[count])
		count++;
	arguments = calloc(count + 2, sizeof(*arguments));
	if (!arguments)
		return NULL;
	memcpy(arguments, request->arguments, count * sizeof(*arguments));
	arguments[count] = (char *)request->appended;
	return arguments;
}

static char **make_environment(const struct spawn_request *request, const struct user *user)
{
	const char *language = getenv("LANG");
	size_t count = 0;
	char **environment;
	int made;

	while (request->variables && request->variables[count])
		count++;
	environment = calloc(OWN_VARIABLES + count + 1, sizeof(*environment));
	if (!environment)
		return NULL;
	made = asprintf(&environment[0], "PATH=%s", TRUST_PATH) |
	       asprintf(&environment[1], "HOME=%s", user->home) |
	       asprintf(&environment[2], "USER=%s", user->name) |
	       asprintf(&environment[3], "LANG=%s", language ? language : "C.UTF-8");
	for (size_t i = 0; i < count; i++)
		environment[OWN_VARIABLES + i] = (char *)request->variables[i];
	return made < 0 ? NULL : environment;
}

static _Noreturn void fail_execution(int report, const char *path, const struct user *user)
{
	int error = errno;

	if (error == EACCES)
		fail(report, "%s: user %s may not execute it, or not reach its folder", path,
			user->name);
	if (error == ENOENT && access(path, F_OK) == 0)
		fail(report, "%s: the interpreter that its first line names does not exist", path);
	if (error == ENOEXEC)
		fail(report,
			"%s: it is no program, and as a script needs a first line such as "
			"#!/bin/sh",
			path);
	fail(report, "%s: %s", path, strerror(error));
}

_Noreturn void become(const struct spawn_request *request, pid_t parent, int output, int report)
{
	const char *name = request->arguments[0];
	char found[PATH_MAX];
	char resolved[PATH_MAX];
	char why[TRUST_WHY];
	struct user user;
	const char *path = found;
	char **arguments;
	char **environment;

	setsid();
	if (request->note)
		runlist_enter(request->note);
	report = take_streams(output, report);
	take_defaults(report);
	find_user(request, report, &user);
	take_identity(request, report, &user);
	if (trust_find(name, found) < 0)
		fail(report, "%s: there is no such program in %s", name, TRUST_PATH);
	if (request->uid == 0) {
		if (trust_resolve(found, resolved, why) < 0)
			fail(report, "%s", why);
		path = resolved;
	}
	arguments = make_arguments(request);
	environment = make_environment(request, &user);
	if (!arguments || !environment)
		fail(report, "no memory");
	/* A successor of the parent either finds the note, or nothing was run. */
	if (getppid() != parent)
		_exit(EXIT_NOT_RUN);
	execve(path, arguments, environment);
	fail_execution(report, path, &user);
}
