/* SPDX-License-Identifier: ISC */
#include "lib/cpusched.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>

/* RLIMIT_NICE counts from 1, the least urgent, to 40. */
#define NICE_ANY 40

static_assert(sizeof(((struct cpusched *)0)->processors) == sizeof(cpu_set_t),
	"a bit for each processor");

static cpu_set_t all;
static struct cpusched present;

void cpusched_begin(void)
{
	const struct rlimit any = {NICE_ANY, NICE_ANY};

	setrlimit(RLIMIT_NICE, &any);
	sched_getaffinity(0, sizeof(all), &all);
	present.nice = getpriority(PRIO_PROCESS, 0);
}

void cpusched_forgo(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_NICE, &none);
}

static int apply_to(pid_t thread, const struct cpusched *wanted)
{
	cpu_set_t processors;
	int error = 0;

	memcpy(&processors, wanted->processors, sizeof(processors));
	if (CPU_COUNT(&processors) == 0)
		processors = all;
	if (getpriority(PRIO_PROCESS, (id_t)thread) != wanted->nice &&
		setpriority(PRIO_PROCESS, (id_t)thread, wanted->nice) < 0)
		error = errno == EACCES ? EPERM : errno;
	if (CPU_COUNT(&processors) > 0 &&
		sched_setaffinity(thread, sizeof(processors), &processors) < 0)
		error = errno;
	return error;
}

void cpusched_reset(void)
{
	static const struct cpusched original;

	apply_to(0, &original);
}

void cpusched_restore(void)
{
	apply_to(0, &present);
}

int cpusched_apply(const struct cpusched *wanted)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int error = 0;

	if (!tasks)
		return -errno;
	while ((entry = readdir(tasks)) != NULL) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
		int failed = thread > 0 ? apply_to(thread, wanted) : 0;

		/* one that has just ended has no need of it */
		if (failed && failed != ESRCH)
			error = -failed;
	}
	closedir(tasks);
	present = *wanted;
	return error;
}

const char *cpusched_problem(int error)
{
	return error == -EINVAL ? "none of its processors is there" : strerrordesc_np(-error);
}
