/* SPDX-License-Identifier: ISC */
#include "agent/starvation.h"
#include "lib/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define MSEC_PER_SEC 1000

/* So long beyond its promise one that wants a processor is waited for at most, ... */
#define WAIT_MAX_MS 30000

/* ... and until it has had so much more of one: what it needs to come to the end of a turn. */
#define SHARE_MS 500

#define STAT_SIZE 1024

/* A processor that has been idle for no more than one part in so many had no time to give. */
#define IDLE_PARTS 100

int starvation_look_at(int fd, struct starvation_look *look)
{
	struct procstat stat;
	int error = procstat_read(fd, &stat);

	if (error)
		return error;
	look->state = stat.state;
	look->ran = (uint32_t)(stat.ran * MSEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK));
	return 0;
}

void starvation_begin(struct starvation *starvation)
{
	*starvation = (struct starvation){0};
}

static bool too_long(struct starvation *starvation, uint64_t now_ms)
{
	if (!starvation->since)
		starvation->since = now_ms;
	return now_ms - starvation->since >= WAIT_MAX_MS;
}

/* The first look tells nothing about who gets what. */
static enum starvation_verdict judge_running(
	const struct starvation *starvation, uint32_t had, uint64_t now_ms)
{
	if (had >= SHARE_MS)
		return STARVATION_HANGS;
	return had < (now_ms - starvation->since) / 2 ? STARVATION_STARVES : STARVATION_WAITS;
}

enum starvation_verdict starvation_judge(
	struct starvation *starvation, const struct starvation_look *look, uint64_t now_ms)
{
	bool waited = starvation->waits;

	if (!starvation->since)
		starvation->ran = look->ran;
	if (too_long(starvation, now_ms))
		return STARVATION_HANGS;
	starvation->waits = look->state == 'S' || look->state == 'D';
	if (look->state == 'R')
		return judge_running(starvation, look->ran - starvation->ran, now_ms);
	return starvation->waits && !waited ? STARVATION_WAITS : STARVATION_HANGS;
}

/* The fourth figure of the first line, which is about all processors. */
int starvation_idle(uint64_t *ms)
{
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	char text[STAT_SIZE];
	unsigned long long idle;
	ssize_t got;
	int error;

	if (fd < 0)
		return -errno;
	got = read(fd, text, sizeof(text) - 1);
	error = got < 0 ? -errno : 0;
	close(fd);
	if (error)
		return error;
	text[got] = '\0';
	if (sscanf(text, "cpu %*u %*u %*u %llu", &idle) != 1)
		return -EPROTO;
	*ms = idle * MSEC_PER_SEC / (unsigned long long)sysconf(_SC_CLK_TCK);
	return 0;
}

void starvation_watch_idle(struct starvation *starvation, uint64_t idle_ms, uint64_t now_ms)
{
	starvation->idle = idle_ms;
	starvation->looked = now_ms;
}

enum starvation_verdict starvation_judge_idle(
	struct starvation *starvation, uint64_t idle_ms, unsigned int processors, uint64_t now_ms)
{
	uint64_t span = (now_ms - starvation->looked) * processors;
	/* the kernel's count may go back a little */
	uint64_t idle = idle_ms > starvation->idle ? idle_ms - starvation->idle : 0;
	bool waited = starvation->waits;

	if (too_long(starvation, now_ms))
		return STARVATION_HANGS;
	starvation_watch_idle(starvation, idle_ms, now_ms);
	starvation->waits = idle > span / IDLE_PARTS;
	if (!starvation->waits) {
		starvation->starved = true;
		return STARVATION_STARVES;
	}
	return starvation->starved && !waited ? STARVATION_WAITS : STARVATION_HANGS;
}
