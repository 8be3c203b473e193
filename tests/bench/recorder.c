/* SPDX-License-Identifier: ISC */
/*
 * Notes every advertisement (IPv4) and ARP that enters the given interfaces, with the kernel's
 *stamp.
 *
 *	recorder FILE|- INTERFACE...	in the switch's network namespace, until its input ends
 *
 * It sleeps between looks, so as not to disturb what is measured. FILE gets a struct record for
 *each; "-" none. At the end it says, for each interface and VRID, how many advertisements there
 *were and the longest time between two, and last of all how many frames the kernel dropped.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BILLION	 1000000000ull
#define BATCH	 128
#define SNAP	 64
#define LOOK	 10 /* milliseconds */
#define INDEXES	 4096
#define PORTS	 128
#define BUFFER	 (256 << 20)
#define ETHERNET 14

enum kind {
	ADVERT = 1,
	ARP = 2
};

struct record {
	uint64_t stamp;
	uint32_t address; /* an advertisement's first, the target of an ARP; network order */
	uint8_t port, kind, vrid, priority;
};

struct flow {
	uint64_t count, last, longest;
};

static uint8_t port_of[INDEXES]; /* by interface: its place in the arguments, from 1 */
static struct flow flows[PORTS][256];
static FILE *file;

static void die(const char *what)
{
	fprintf(stderr, "recorder: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Takes ARP, and IPv4 of protocol 112. */
static void filter(int fd)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHERNET + 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 112, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SNAP),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {sizeof(steps) / sizeof(steps[0]), steps};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		die("the filter");
}

static int open_socket(void)
{
	const int on = 1, buffer = BUFFER;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	if (fd < 0)
		die("socket");
	filter(fd);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
		bind(fd, (struct sockaddr *)&all, sizeof(all)) < 0)
		die("socket options");
	return fd;
}

static void read_ports(int count, char **names)
{
	for (int i = 0; i < count; i++) {
		const unsigned int index = if_nametoindex(names[i]);

		if (!index || index >= INDEXES || count >= PORTS)
			die(names[i]);
		port_of[index] = (uint8_t)(i + 1);
	}
}

static uint64_t stamp_of(struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) {
			struct timespec time;

			memcpy(&time, CMSG_DATA(part), sizeof(time));
			return (uint64_t)time.tv_sec * BILLION + (uint64_t)time.tv_nsec;
		}
	return 0;
}

static void count_advert(const struct record *record)
{
	struct flow *flow = &flows[record->port][record->vrid];

	if (flow->count++ && record->stamp > flow->last + flow->longest)
		flow->longest = record->stamp - flow->last;
	flow->last = record->stamp;
}

static void note(const uint8_t *frame, size_t length, struct record *record)
{
	const uint8_t *vrrp = frame + ETHERNET + (frame[ETHERNET] & 15) * 4;

	if (frame[12] == 0x08 && frame[13] == 0x06) {
		/* Gratuitous: it asks for, or tells of, the sender's own address. */
		if (length < ETHERNET + 28 || memcmp(frame + 28, frame + 38, 4) != 0)
			return;
		record->kind = ARP;
		memcpy(&record->address, frame + 38, 4);
	} else {
		if (vrrp + 12 > frame + length)
			return;
		record->kind = ADVERT;
		record->vrid = vrrp[1];
		record->priority = vrrp[2];
		memcpy(&record->address, vrrp + 8, 4);
		count_advert(record);
	}
	if (file && fwrite(record, sizeof(*record), 1, file) != 1)
		die("write");
}

static void take_all(int fd)
{
	static uint8_t frames[BATCH][SNAP];
	static char controls[BATCH][64];
	struct sockaddr_ll from[BATCH];
	struct iovec parts[BATCH];
	struct mmsghdr batch[BATCH];
	int count;

	do {
		for (int i = 0; i < BATCH; i++) {
			parts[i] = (struct iovec){frames[i], SNAP};
			batch[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
				.msg_namelen = sizeof(from[i]),
				.msg_iov = &parts[i],
				.msg_iovlen = 1,
				.msg_control = controls[i],
				.msg_controllen = sizeof(controls[i])};
		}
		count = recvmmsg(fd, batch, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < count; i++) {
			const unsigned int index = (unsigned int)from[i].sll_ifindex;
			struct record record = {.stamp = stamp_of(&batch[i].msg_hdr)};

			record.port = index < INDEXES ? port_of[index] : 0;
			if (record.port)
				note(frames[i], batch[i].msg_len, &record);
		}
	} while (count == BATCH);
	if (file)
		fflush(file);
}

static void report(int fd)
{
	struct tpacket_stats lost;
	socklen_t size = sizeof(lost);

	for (int port = 1; port < PORTS; port++)
		for (int vrid = 0; vrid < 256; vrid++) {
			const struct flow *flow = &flows[port][vrid];

			if (flow->count)
				printf("%d %d %llu %.9f\n", port, vrid,
					(unsigned long long)flow->count,
					(double)flow->longest / BILLION);
		}
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &lost, &size) < 0)
		die("statistics");
	printf("lost %u\n", lost.tp_drops);
}

int main(int argc, char **argv)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	int fd;

	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "-") != 0) {
		file = fopen(argv[1], "w");
		if (!file)
			die(argv[1]);
	}
	read_ports(argc - 2, argv + 2);
	fd = open_socket();
	puts("ready");
	fflush(stdout);
	while (poll(&input, 1, LOOK) == 0)
		take_all(fd);
	take_all(fd);
	report(fd);
	return 0;
}
