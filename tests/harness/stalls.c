/* SPDX-License-Identifier: ISC */
/* Says when this machine did not do in time what was due, by probes that are real-time processes.
 *
 *   stalls send INTERFACE      one probe for each processor, which sleeps a millisecond at a time, and
 *                              with each second wake-up sends a frame from that processor
 *   stalls receive INTERFACE   reads those frames at the other end of the path
 *
 * A line for each thing that took more than a millisecond, a wake-up or a frame's way: when it was due
 * and when it was done, in seconds of the wall clock.  The frames are needed because what lies between
 * two namespaces is done by softirqs, which the kernel may leave to an ordinary thread. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PERIOD     1000000
#define TO_TELL    1000000
#define PROBE_TYPE 0x88B5 /* IEEE 802, local experimental */

struct probe_frame {
	struct ether_header header;
	int64_t sent; /* CLOCK_MONOTONIC, ns; host's order: it does not leave the machine */
	char padding[46 - sizeof(int64_t)];
} __attribute__((packed));

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void tell(int64_t late)
{
	double done = (double)read_clock(CLOCK_REALTIME) / 1e9;

	printf("%.6f %.6f\n", done - (double)late / 1e9, done);
	fflush(stdout);
}

static void become_real_time(void)
{
	struct sched_param parameter = {.sched_priority = 50};

	if (sched_setscheduler(0, SCHED_RR, &parameter) < 0)
		fail("SCHED_RR");
}

static int open_packet(const char *interface, uint16_t type)
{
	struct sockaddr_ll where = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(type),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(type));

	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) < 0)
		fail(interface);
	return fd;
}

static void send_probe(int fd)
{
	struct probe_frame frame = {.header.ether_type = htons(PROBE_TYPE)};

	memset(frame.header.ether_dhost, 0xff, sizeof(frame.header.ether_dhost));
	frame.header.ether_shost[0] = 0x02;
	frame.sent = read_clock(CLOCK_MONOTONIC);
	if (send(fd, &frame, sizeof(frame), 0) < 0)
		fail("send");
}

static _Noreturn void probe(int processor, const char *interface)
{
	int64_t due = read_clock(CLOCK_MONOTONIC);
	int fd = open_packet(interface, 0);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		fail("sched_setaffinity");
	become_real_time();
	for (unsigned turn = 0;; turn++) {
		struct timespec until;
		int64_t late;

		due += PERIOD;
		until = (struct timespec){due / 1000000000, due % 1000000000};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		late = read_clock(CLOCK_MONOTONIC) - due;
		if (late > TO_TELL) {
			tell(late);
			due += late;
		}
		if (turn % 2)
			send_probe(fd);
	}
}

static _Noreturn void receive(const char *interface)
{
	int fd = open_packet(interface, PROBE_TYPE);

	become_real_time();
	for (;;) {
		struct probe_frame frame;
		int64_t late;

		if (recv(fd, &frame, sizeof(frame), 0) != sizeof(frame))
			fail("recv");
		late = read_clock(CLOCK_MONOTONIC) - frame.sent;
		if (late > TO_TELL)
			tell(late);
	}
}

int main(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "receive") == 0)
		receive(argv[2]);
	for (long other = 1; other < processors; other++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			probe((int)other, argv[2]);
		}
	}
	probe(0, argv[2]);
}
