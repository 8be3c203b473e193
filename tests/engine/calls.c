/* SPDX-License-Identifier: ISC */
#include "tests/engine/calls.h"

#include "lib/clock.h"
#include "lib/epollwait.h"
#include "tests/engine/lab.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>

#define ON_TIME	  (500 * NSEC_PER_USEC)
#define MSG_PROBE 0x10 /* Linux's: do not send */

/* Names that the linker gives; nobody else shall use them. */
int __real_epollwait(int epoll, struct epoll_event *events, int most, uint64_t pause);
int __real_recvmmsg(
	int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout);
int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
int __real_eventfd_read(int fd, eventfd_t *value);
int __wrap_epollwait(int epoll, struct epoll_event *events, int most, uint64_t pause);
int __wrap_recvmmsg(
	int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);
int __wrap_eventfd_read(int fd, eventfd_t *value);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct calls made;
static _Atomic uint64_t sent_at;
static _Atomic uint64_t probes;
static _Atomic int armed; /* enum calls_end, or 0 */
static _Atomic bool held;

/* The engine's thread alone. */
static struct {
	uint64_t due; /* when its wait was to end by the clock; 0: it has ended otherwise */
	uint64_t reads;
	uint64_t sends;
} turn;

static bool is_engine(void)
{
	char name[16] = "";

	return pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 &&
	       strcmp(name, "engine") == 0;
}

static void end_turn(void)
{
	if (!turn.due || clock_now() > turn.due + ON_TIME)
		return;
	pthread_mutex_lock(&lock);
	made.turns++;
	made.reads += turn.reads;
	made.sends += turn.sends;
	pthread_mutex_unlock(&lock);
}

static void hold(enum calls_end end)
{
	const struct timespec pause = {.tv_nsec = 100000};
	int expected = (int)end;

	if (!atomic_compare_exchange_strong(&armed, &expected, 0))
		return;
	atomic_store(&held, true);
	while (atomic_load(&held))
		nanosleep(&pause, NULL);
}

int __wrap_epollwait(int epoll, struct epoll_event *events, int most, uint64_t pause)
{
	uint64_t began;
	int count;

	if (!is_engine())
		return __real_epollwait(epoll, events, most, pause);
	end_turn();
	began = clock_now();
	count = __real_epollwait(epoll, events, most, pause);
	memset(&turn, 0, sizeof(turn));
	if (count == 0)
		turn.due = began + pause;
	if (pause && count >= 0)
		hold(count ? CALLS_BY_EVENT : CALLS_BY_CLOCK);
	return count;
}

int __wrap_recvmmsg(
	int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)
{
	if (is_engine())
		turn.reads++;
	return __real_recvmmsg(fd, messages, count, flags, timeout);
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	if (flags & MSG_PROBE) {
		atomic_fetch_add(&probes, 1);
	} else if (is_engine()) {
		turn.sends++;
		atomic_store(&sent_at, clock_now());
	}
	return __real_sendmmsg(fd, messages, count, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	if (is_engine())
		turn.reads++;
	return __real_recvmsg(fd, message, flags);
}

int __wrap_eventfd_read(int fd, eventfd_t *value)
{
	if (is_engine())
		turn.reads++;
	return __real_eventfd_read(fd, value);
}

struct calls calls_made(void)
{
	struct calls copy;

	pthread_mutex_lock(&lock);
	copy = made;
	pthread_mutex_unlock(&lock);
	return copy;
}

uint64_t calls_sent_at(void)
{
	return atomic_load(&sent_at);
}

uint64_t calls_probes(void)
{
	return atomic_load(&probes);
}

void calls_hold(enum calls_end end)
{
	atomic_store(&armed, (int)end);
}

static bool is_held(void *context)
{
	(void)context;
	return atomic_load(&held);
}

bool calls_held(void)
{
	return lab_wait(is_held, NULL);
}

void calls_release(void)
{
	atomic_store(&held, false);
}
