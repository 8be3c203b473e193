/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a program, it shifts what the program sees as wall clock, by the seconds that
 * stand (int64_t) in the file named by CLOCKSHIFT. A test changes the file while the program runs:
 * the jump of an administrator's `date -s`, without moving the clock of the whole machine. A second
 * number in the file is what the machine has slept besides (CLOCK_BOOTTIME). CLOCK_MONOTONIC is
 * left alone.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void map_shift(void)
{
	const char *path = getenv("CLOCKSHIFT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = MAP_FAILED;

	if (fd >= 0) {
		map = mmap(NULL, 2 * sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (map != MAP_FAILED)
		shift = map;
}

static int64_t seconds(int which)
{
	return shift ? shift[which] : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int rc;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(clock, now);
	if (!rc && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += seconds(0);
	if (!rc && clock == CLOCK_BOOTTIME)
		now->tv_sec += seconds(1);
	return rc;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec at;

	if (now) {
		clock_gettime(CLOCK_REALTIME, &at);
		now->tv_sec = at.tv_sec;
		now->tv_usec = at.tv_nsec / 1000;
	}
	return 0;
}

time_t time(time_t *result)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	if (result)
		*result = at.tv_sec;
	return at.tv_sec;
}
