/* SPDX-License-Identifier: ISC */
/* Says when this machine did not run a real-time process that was due: one probe for each processor,
 * which sleeps a millisecond at a time.  A line for each stall of more than a millisecond: when the
 * probe was due and when it ran, in seconds of the wall clock. */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PERIOD  1000000
#define TO_TELL 1000000

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void probe(int processor)
{
	struct sched_param parameter = {.sched_priority = 50};
	int64_t due = read_clock(CLOCK_MONOTONIC);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0 ||
		sched_setscheduler(0, SCHED_RR, &parameter) < 0) {
		perror("stalls");
		exit(1);
	}
	for (;;) {
		struct timespec until;
		int64_t late;

		due += PERIOD;
		until = (struct timespec){due / 1000000000, due % 1000000000};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		late = read_clock(CLOCK_MONOTONIC) - due;
		if (late > TO_TELL) {
			double ran = (double)read_clock(CLOCK_REALTIME) / 1e9;

			printf("%.6f %.6f\n", ran - (double)late / 1e9, ran);
			fflush(stdout);
			due += late;
		}
	}
}

int main(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	for (long other = 1; other < processors; other++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			probe((int)other);
		}
	}
	probe(0);
}
