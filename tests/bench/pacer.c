/* SPDX-License-Identifier: ISC */
/*
 * Puts frames on the wire by a timetable, from many interfaces: the peers of a device with many
 *virtual routers.
 *
 *	pacer < PLAN	in the peers' network namespace
 *
 * PLAN, in host order: rounds, period (ns), numbers of interfaces, frames and entries (64 bits
 *each); the interfaces' names (16 octets each); the frames (32 bits interface, 32 bits length,
 *octets); the entries (64 bits ns after the begin of the round, 64 bits frame), by time. Says
 *"begun SECONDS", and at the end what was sent and how late: the bench must know when it was itself
 *what was slow.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#define BILLION 1000000000ull
/* Lateness is counted in microseconds; the last bin is for all that is more. */
#define BINS	100000

struct plan {
	uint64_t rounds, period, interfaces, frames, entries;
};

struct frame {
	int fd;
	uint32_t length;
	uint8_t *octets;
};

struct entry {
	uint64_t offset, frame;
};

struct tally {
	uint64_t sent, failed, latest;
	uint32_t bins[BINS];
};

static struct tally tally;
static volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "pacer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void take(void *into, size_t size)
{
	if (fread(into, 1, size, stdin) != size)
		die("the plan ends early");
}

static void *allocate(uint64_t count, size_t size)
{
	void *made = calloc(count ? count : 1, size);

	if (!made)
		die("memory");
	return made;
}

static int open_interface(void)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET};
	char name[IFNAMSIZ + 1] = "";
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	take(name, IFNAMSIZ);
	at.sll_ifindex = (int)if_nametoindex(name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die(name);
	return fd;
}

static void read_frame(struct frame *frame, const int *fds, uint64_t interfaces)
{
	uint32_t interface;

	take(&interface, sizeof(interface));
	take(&frame->length, sizeof(frame->length));
	if (interface >= interfaces || frame->length > 2048)
		die("a frame of the plan");
	frame->fd = fds[interface];
	frame->octets = allocate(frame->length, 1);
	take(frame->octets, frame->length);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * BILLION + (uint64_t)time.tv_nsec;
}

static void wait_until(uint64_t moment)
{
	const struct timespec time = {
		.tv_sec = (time_t)(moment / BILLION), .tv_nsec = (long)(moment % BILLION)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static void send_frame(const struct frame *frame, uint64_t due)
{
	uint64_t late = now();

	if (late < due) {
		wait_until(due);
		late = now();
	}
	late = late > due ? late - due : 0;
	if (late > tally.latest)
		tally.latest = late;
	tally.bins[late / 1000 < BINS ? late / 1000 : BINS - 1]++;
	if (send(frame->fd, frame->octets, frame->length, 0) < 0)
		tally.failed++;
	else
		tally.sent++;
}

/* Microseconds that so large a part of the frames was not later than. */
static unsigned int late_at(double part)
{
	uint64_t left = (uint64_t)((double)(tally.sent + tally.failed) * part);
	unsigned int bin = 0;

	while (bin < BINS - 1 && tally.bins[bin] <= left)
		left -= tally.bins[bin++];
	return bin;
}

int main(void)
{
	struct plan plan;
	struct frame *frames;
	struct entry *entries;
	uint64_t begin;
	int *fds;

	take(&plan, sizeof(plan));
	fds = allocate(plan.interfaces, sizeof(*fds));
	for (uint64_t i = 0; i < plan.interfaces; i++)
		fds[i] = open_interface();
	frames = allocate(plan.frames, sizeof(*frames));
	for (uint64_t i = 0; i < plan.frames; i++)
		read_frame(&frames[i], fds, plan.interfaces);
	entries = allocate(plan.entries, sizeof(*entries));
	take(entries, plan.entries * sizeof(*entries));
	for (uint64_t i = 0; i < plan.entries; i++)
		if (entries[i].frame >= plan.frames)
			die("an entry of the plan");

	prctl(PR_SET_TIMERSLACK, 1);
	mlockall(MCL_CURRENT);
	begin = now();
	puts("begun");
	fflush(stdout);
	signal(SIGTERM, end);
	for (uint64_t round = 0; round < plan.rounds && !ended; round++)
		for (uint64_t i = 0; i < plan.entries && !ended; i++)
			send_frame(&frames[entries[i].frame],
				begin + round * plan.period + entries[i].offset);
	printf("%llu sent, %llu failed, late by %u us (median), %u us (99 %%), %llu us (most)\n",
		(unsigned long long)tally.sent, (unsigned long long)tally.failed, late_at(0.5),
		late_at(0.99), (unsigned long long)(tally.latest / 1000));
	return 0;
}
