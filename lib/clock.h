/* SPDX-License-Identifier: ISC */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NSEC_PER_SEC	     1000000000ull
#define NSEC_PER_CENTISECOND 10000000ull
#define NSEC_PER_MSEC	     1000000ull
#define NSEC_PER_USEC	     1000ull

/* Now, in nanoseconds of CLOCK_MONOTONIC.  Any thread.  A program reads it once per wake-up and
 * passes the value on: code that decides never asks for the time itself. */
static inline uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/* The sooner of two times; UINT64_MAX stands for never. */
static inline uint64_t clock_sooner(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* Nanoseconds of CLOCK_BOOTTIME, which goes on while the machine sleeps.  Any thread. */
static inline uint64_t clock_since_boot(void)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (uint64_t)boot.tv_sec * NSEC_PER_SEC + (uint64_t)boot.tv_nsec;
}

/* How long the machine has slept since it was started, ns, give or take 100 µs; 0: it could not be
 * measured.  Any thread. */
static inline uint64_t clock_asleep(void)
{
	for (int i = 0; i < 3; i++) {
		uint64_t before = clock_now();
		uint64_t since_boot = clock_since_boot();

		/* or this thread was held up between the two */
		if (clock_now() - before < 100 * NSEC_PER_USEC)
			return since_boot - before;
	}
	return 0;
}

#endif
