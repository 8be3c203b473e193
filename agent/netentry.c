/* SPDX-License-Identifier: ISC */
#include "agent/netentry.h"

#include "agent/handed_over.h"
#include "agent/privileges.h"
#include "agent/release.h"
#include "agent/rundir.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* As long as core has for the same. */
#define READ_MS 30000

static _Noreturn void tell_look(const struct options *options, int end)
{
	struct firstlook look;
	bool told = privileges_drop(ROLE_CORE, NULL) == 0 &&
		    firstlook_read(options->config, options->config_id, &look) &&
		    write(end, &look, sizeof(look)) == sizeof(look);

	_exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool hear_look(pid_t reader, int end, struct firstlook *look)
{
	struct pollfd readable = {.fd = end, .events = POLLIN};
	bool heard =
		poll(&readable, 1, READ_MS) > 0 && read(end, look, sizeof(*look)) == sizeof(*look);

	kill(reader, SIGKILL);
	waitpid(reader, NULL, 0);
	if (heard)
		look->namespace[NETSPACE_NAME_MAX] = '\0';
	return heard;
}

/* What can be read only once is core's to read. */
static bool take_look(const struct options *options, struct firstlook *look)
{
	struct stat status;
	int ends[2];
	bool heard;
	pid_t reader;

	*look = (struct firstlook){0};
	if (stat(options->config, &status) < 0 || !S_ISREG(status.st_mode) ||
		pipe2(ends, O_CLOEXEC) < 0)
		return false;
	reader = fork();
	if (reader == 0)
		tell_look(options, ends[1]);
	close(ends[1]);
	heard = reader > 0 && hear_look(reader, ends[0], look);
	close(ends[0]);
	return heard;
}

static void complain(const char *name, int error)
{
	if (error == -ENOENT)
		log_message(LOG_ERR,
			"there is no network namespace '%s' (net_namespace); make it by 'ip netns "
			"add %s' before the program starts",
			name, name);
	else if (error == -EINVAL)
		log_message(LOG_ERR,
			"/run/netns/%s is no network namespace (net_namespace); make it by 'ip "
			"netns add'",
			name);
	else if (error == -EPERM)
		log_message(LOG_ERR,
			"network namespace '%s' (net_namespace) can't be entered: that needs "
			"CAP_SYS_ADMIN and, under systemd, RestrictNamespaces=net; or let systemd "
			"do it by NetworkNamespacePath=/run/netns/%s in the unit",
			name, name);
	else
		log_message(LOG_ERR, "network namespace '%s' (net_namespace) can't be entered: %s",
			name, strerrordesc_np(-error));
}

static int enter(const char *name)
{
	int error = name[0] ? netspace_enter(name) : 0;

	if (error)
		complain(name, error);
	return error;
}

/* In a process of its own, which can leave this one's namespace. */
static void release(const struct options *options, const char *name)
{
	pid_t cleaner = fork();

	if (cleaner == 0)
		_exit(release_in(options, name));
	if (cleaner > 0)
		waitpid(cleaner, NULL, 0);
}

int netentry_enter(
	const struct options *options, struct handed_over *handed, struct firstlook *look)
{
	bool stays = handed_over_is_own(handed);
	char last[NETSPACE_NAME_MAX + 1];
	int error;

	rundir_read_namespace(options->run_dir, last);
	*look = (struct firstlook){0};
	if (stays || !take_look(options, look))
		strcpy(look->namespace, last);
	if (stays)
		return 0;
	if (strcmp(look->namespace, last) != 0)
		release(options, last);
	error = enter(look->namespace);
	if (error)
		return error;
	if (look->namespace[0])
		log_message(LOG_INFO, "in network namespace %s", look->namespace);
	/* A file that says so already need not find room again. */
	if (strcmp(look->namespace, last) == 0)
		return 0;
	return rundir_write_namespace(options->run_dir, look->namespace);
}

void netentry_try(const struct options *options)
{
	struct firstlook look;

	if (take_look(options, &look) && look.namespace[0])
		netspace_enter(look.namespace);
}
