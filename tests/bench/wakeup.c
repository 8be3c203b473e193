/* SPDX-License-Identifier: ISC */
/*
 * What a wake-up costs: one thread reads advertisements that another process sends over loopback,
 * in a network namespace of its own, at random times (exponential gaps, fixed seed), either as
 * each comes or on a tick.  Prints every trial and, for each rate and way, the median and spread
 * of CPU per advertisement and of the time an advertisement waited.
 *
 *	wakeup [SECONDS-PER-TRIAL [TRIALS]]	as root; default 2 and 5
 */
#include <arpa/inet.h>
#include <math.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "vrrp/net/receive.h"
#include "vrrp/net/socket.h"

#define SLOTS	   64
#define MAX_TRIALS 25
#define OCTETS	   12

/* Adverts a second. */
static const unsigned int rates[] = {100, 1000, 2000, 5000, 10000};

/* Length of the tick in nanoseconds; 0: read when an advertisement comes. */
static const uint64_t ticks[] = {0, 1000000, 2000000, 5000000};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct trial {
	double receiver; /* CPU of the receiving thread per advert, microseconds */
	double sender;	 /* CPU of the sender per advert: it pays for the waking */
	double wait;	 /* mean from sending to reading, microseconds */
	double wakeups;	 /* of the receiver, per advert */
};

struct reader {
	int fd;
	int with_socket;    /* epoll: what the loop waits for while it reads per advert */
	int without_socket; /* epoll: what it waits for between ticks */
	struct vrrp_receive *batch;
	uint64_t heard, wakeups, waited;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double cpu_microseconds(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void new_namespace(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		die("wakeup: a network namespace of its own (needs root)");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		die("wakeup: lo");
	close(fd);
}

/* A socket that sends whole IP packets to loopback and hears nothing. */
static int open_sender(void)
{
	struct sockaddr_in loopback = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	if (fd < 0 || connect(fd, (struct sockaddr *)&loopback, sizeof(loopback)) < 0)
		die("wakeup: sender");
	return fd;
}

/* Sends rate adverts a second for so many seconds, each with the time it left, then reports its CPU
 * per advert on the pipe. */
static void send_adverts(unsigned int rate, unsigned int seconds, int report)
{
	struct {
		struct ip header;
		uint8_t payload[OCTETS];
	} packet = {
		.header = {.ip_hl = 5, .ip_v = 4, .ip_ttl = 255, .ip_p = VRRP_IP_PROTOCOL},
	};
	const unsigned int total = rate * seconds;
	uint64_t due = clock_now();
	int out = open_sender();
	double cpu;

	packet.header.ip_len = htons(sizeof(packet));
	packet.header.ip_src.s_addr = htonl(INADDR_LOOPBACK);
	packet.header.ip_dst.s_addr = htonl(INADDR_LOOPBACK);
	srand48(rate);
	cpu = cpu_microseconds(RUSAGE_SELF);
	for (unsigned int i = 0; i < total; i++) {
		struct timespec until;
		uint64_t now;

		due += (uint64_t)(-log(1.0 - drand48()) * 1e9 / rate);
		until.tv_sec = (time_t)(due / NSEC_PER_SEC);
		until.tv_nsec = (long)(due % NSEC_PER_SEC);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		now = clock_now();
		memcpy(packet.payload, &now, sizeof(now));
		if (send(out, &packet, sizeof(packet), 0) < 0)
			die("wakeup: send");
	}
	cpu = (cpu_microseconds(RUSAGE_SELF) - cpu) / total;
	if (write(report, &cpu, sizeof(cpu)) != sizeof(cpu))
		die("wakeup: report");
	exit(0);
}

static void open_reader(struct reader *reader)
{
	struct epoll_event event = {.events = EPOLLIN};

	reader->fd = vrrp_socket_open(AF_INET, VRRP_IP_PROTOCOL);
	reader->with_socket = epoll_create1(0);
	reader->without_socket = epoll_create1(0);
	reader->batch = vrrp_receive_new(SLOTS);
	if (reader->fd < 0 || reader->with_socket < 0 || reader->without_socket < 0 ||
		!reader->batch)
		die("wakeup: reader");
	if (epoll_ctl(reader->with_socket, EPOLL_CTL_ADD, reader->fd, &event) < 0)
		die("wakeup: epoll_ctl");
}

static void read_waiting(struct reader *reader)
{
	uint64_t now = clock_now();
	int count;

	reader->wakeups++;
	do {
		count = vrrp_receive_read(reader->batch, reader->fd, SLOTS);
		for (int i = 0; i < count; i++) {
			const struct vrrp_datagram *heard =
				vrrp_receive_datagram(reader->batch, (unsigned int)i);
			uint64_t sent;

			memcpy(&sent, heard->payload, sizeof(sent));
			reader->waited += now > sent ? now - sent : 0;
			reader->heard++;
		}
	} while (vrrp_receive_more(reader->batch));
	if (count < 0)
		die("wakeup: read");
}

static bool is_readable(int fd)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};

	return poll(&polled, 1, 0) > 0;
}

/* Reads total adverts; gives up when the sender has reported and a second passes without any. */
static void read_all(struct reader *reader, uint64_t total, uint64_t tick, int report)
{
	uint64_t next = clock_now(), last = next, heard = 0;
	struct epoll_event event;

	while (reader->heard < total) {
		const uint64_t now = clock_now();
		struct timespec left = {.tv_sec = 1};

		if (reader->heard != heard) {
			heard = reader->heard;
			last = now;
		}
		if (now - last > NSEC_PER_SEC && is_readable(report)) {
			fprintf(stderr, "wakeup: heard %llu of %llu, %u overruns\n",
				(unsigned long long)heard, (unsigned long long)total,
				vrrp_receive_overruns(reader->batch));
			exit(1);
		}
		if (tick) {
			next = next + tick > now ? next + tick : now + tick;
			left.tv_sec = 0;
			left.tv_nsec = (long)(next - now);
		}
		if (epoll_pwait2(tick ? reader->without_socket : reader->with_socket, &event, 1,
			    &left, NULL) < 0)
			die("wakeup: epoll_pwait2");
		read_waiting(reader);
	}
}

static struct trial run_trial(unsigned int rate, uint64_t tick, unsigned int seconds)
{
	const uint64_t total = (uint64_t)rate * seconds;
	struct reader reader = {0};
	struct trial trial;
	int report[2];
	pid_t child;

	open_reader(&reader);
	if (pipe(report) < 0)
		die("wakeup: pipe");
	child = fork();
	if (child < 0)
		die("wakeup: fork");
	if (child == 0)
		send_adverts(rate, seconds, report[1]);
	trial.receiver = cpu_microseconds(RUSAGE_THREAD);
	read_all(&reader, total, tick, report[0]);
	trial.receiver = (cpu_microseconds(RUSAGE_THREAD) - trial.receiver) / (double)total;
	trial.wait = (double)reader.waited / 1000 / (double)total;
	trial.wakeups = (double)reader.wakeups / (double)total;
	if (read(report[0], &trial.sender, sizeof(trial.sender)) != sizeof(trial.sender))
		die("wakeup: the sender's report");
	waitpid(child, NULL, 0);
	close(report[0]);
	close(report[1]);
	close(reader.fd);
	close(reader.with_socket);
	close(reader.without_socket);
	vrrp_receive_free(reader.batch);
	return trial;
}

static int by_receiver(const void *left, const void *right)
{
	const struct trial *a = left, *b = right;

	return (a->receiver > b->receiver) - (a->receiver < b->receiver);
}

static void print_way(uint64_t tick)
{
	if (tick)
		printf("tick %.1f ms", (double)tick / 1e6);
	else
		printf("each");
}

/* Sorts the trials; the row is the one with the median CPU, the spread that of all. */
static void print_row(unsigned int rate, uint64_t tick, struct trial *trials, unsigned int count)
{
	const struct trial *median = &trials[count / 2];

	qsort(trials, count, sizeof(*trials), by_receiver);
	printf("| %u | ", rate);
	print_way(tick);
	printf(" | %.2f (%.2f-%.2f) | %.2f | %.0f | %.3f |\n", median->receiver, trials[0].receiver,
		trials[count - 1].receiver, median->sender, median->wait, median->wakeups);
}

int main(int argc, char **argv)
{
	static struct trial trials[COUNT(rates)][COUNT(ticks)][MAX_TRIALS];
	const int seconds = argc > 1 ? atoi(argv[1]) : 2;
	const int count = argc > 2 ? atoi(argv[2]) : 5;
	struct utsname machine;

	if (seconds < 1 || count < 1 || count > MAX_TRIALS) {
		fprintf(stderr, "usage: wakeup [SECONDS-PER-TRIAL [TRIALS up to %d]]\n",
			MAX_TRIALS);
		return 2;
	}
	new_namespace();
	uname(&machine);
	printf("Linux %s, %ld processors, %s, %d s a trial, %d trials of each\n", machine.release,
		sysconf(_SC_NPROCESSORS_ONLN),
		sched_getscheduler(0) == SCHED_OTHER ? "SCHED_OTHER" : "real-time", seconds, count);
	for (int t = 0; t < count; t++)
		for (size_t r = 0; r < COUNT(rates); r++)
			for (size_t w = 0; w < COUNT(ticks); w++) {
				struct trial *trial = &trials[r][w][t];

				*trial = run_trial(rates[r], ticks[w], (unsigned int)seconds);
				printf("trial %d: %u/s, ", t + 1, rates[r]);
				print_way(ticks[w]);
				printf(": %.2f us\n", trial->receiver);
				fflush(stdout);
			}
	puts("\n| adverts/s | read | CPU us/advert (spread) | sender's CPU | waited us | wake-ups "
	     "|");
	puts("|-|-|-|-|-|-|");
	for (size_t r = 0; r < COUNT(rates); r++)
		for (size_t w = 0; w < COUNT(ticks); w++)
			print_row(rates[r], ticks[w], trials[r][w], (unsigned int)count);
	return 0;
}
