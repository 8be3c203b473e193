/* SPDX-License-Identifier: ISC */
/* Looks on at many virtual routers for a long time, and says when somebody begins or ceases to be
 * Active.
 *
 *   observer PORT...   runs in the switch's namespace; two that follow each other are of one
 * segment
 *
 * A sender claims a router from the first advertisement of a run to the last; priority 0 ends a
 * run, and so does a pause of more than one and a half intervals.  Times are the kernel's stamps,
 * in seconds of the wall clock; KEY is the port's number in the list, the family and the VRID.  The
 * peer is the other port of the segment; what is said of it is what was known then.  It prints
 *
 *   + TIME KEY PRIORITY INTERVAL LAST PEER-LAST PEER-PRIORITY PEER-INTERVAL PEER-BEGAN
 *                              a claim begins; LAST was the sender's last advertisement before;
 * PEER-BEGAN is 0 if the peer has none
 *   - TIME KEY PRIORITY INTERVAL BEGAN PEER-LAST PEER-BEGAN PEER-INTERVAL
 *                              it has ended with its last advertisement; the peer's last claim
 *
 * and, for each line that it reads, what it knows, then a line "." and the word it has read:
 *
 *   = TIME KEY PRIORITY INTERVAL CLAIMS COUNT   of each sender; CLAIMS is 1 while there is a claim
 *   ! FRAMES LOST              what was seen, and what the kernel dropped before it was */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORTS_MAX     32
#define BATCH	      256
#define FRAME_MAX     128
#define TURN	      20000000L /* ns between two looks at the socket */
#define SCAN	      0.25
#define BUFFER	      (64 << 20)
#define PROTOCOL_VRRP 112

struct claim {
	double began; /* the newest claim */
	double last;  /* the newest advertisement; 0: never heard */
	double interval;
	uint64_t count;
	uint8_t priority;
	bool claims;
};

static struct claim claims[PORTS_MAX][2][256];
static int ports[PORTS_MAX];
static int port_count;
static uint64_t frames;

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

static struct claim *find_peer(const struct claim *claim)
{
	long place = claim - &claims[0][0][0];

	return &claims[0][0][0] + (place ^ 512);
}

static void tell(char kind, const struct claim *claim)
{
	long place = claim - &claims[0][0][0];

	printf("%c %.6f %ld %d %ld %u %.3f", kind, claim->last, place / 512,
		place / 256 % 2 ? 6 : 4, place % 256, claim->priority, claim->interval);
}

static void end_claim(struct claim *claim)
{
	const struct claim *peer = find_peer(claim);

	tell('-', claim);
	printf(" %.6f %.6f %.6f %.3f\n", claim->began, peer->last, peer->began, peer->interval);
	claim->claims = false;
}

static bool is_over(const struct claim *claim, double now)
{
	return claim->claims && now - claim->last > 1.5 * claim->interval;
}

static void begin_claim(struct claim *claim, double last)
{
	const struct claim *peer = find_peer(claim);

	claim->claims = true;
	claim->began = claim->last;
	tell('+', claim);
	printf(" %.6f %.6f %u %.3f %.6f\n", last, peer->last, peer->priority, peer->interval,
		peer->claims ? peer->began : 0);
}

static void take(struct claim *claim, double time, const uint8_t *message)
{
	double last = claim->last;

	if (is_over(claim, time))
		end_claim(claim);
	claim->count++;
	claim->priority = message[2];
	claim->last = time;
	claim->interval = message[0] >> 4 == 2 ? message[5]
					       : ((message[4] << 8 | message[5]) & 0xfff) / 100.0;
	if (claim->priority == 0 && claim->claims)
		end_claim(claim);
	else if (claim->priority != 0 && !claim->claims)
		begin_claim(claim, last);
}

/* The VRRP message of a frame; NULL if there is none. */
static const uint8_t *find_message(const uint8_t *frame, size_t size, int *family)
{
	const uint8_t *packet = frame + ETHER_HDR_LEN;
	size_t header;

	if (size < ETHER_HDR_LEN + 28)
		return NULL;
	if (frame[12] == 0x08 && frame[13] == 0x00 && packet[9] == PROTOCOL_VRRP) {
		header = (packet[0] & 15) * 4U;
		*family = 0;
	} else if (frame[12] == 0x86 && frame[13] == 0xdd && packet[6] == PROTOCOL_VRRP) {
		header = 40;
		*family = 1;
	} else {
		return NULL;
	}
	return size < ETHER_HDR_LEN + header + 8 ? NULL : packet + header;
}

static double find_stamp(struct msghdr *message)
{
	struct cmsghdr *part;
	struct timespec stamp;

	for (part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
			return (double)stamp.tv_sec + (double)stamp.tv_nsec / 1e9;
		}
	}
	fail("a frame without a stamp");
}

static int find_port(int index)
{
	for (int port = 0; port < port_count; port++) {
		if (ports[port] == index)
			return port;
	}
	return -1;
}

static bool read_batch(int fd)
{
	static uint8_t octets[BATCH][FRAME_MAX];
	static uint8_t controls[BATCH][64];
	static struct sockaddr_ll names[BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	int got;

	for (int i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){octets[i], FRAME_MAX};
		messages[i].msg_hdr = (struct msghdr){&names[i], sizeof(names[i]), &vectors[i], 1,
			controls[i], sizeof(controls[i]), 0};
	}
	got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
	if (got < 0 && errno != EAGAIN && errno != ENETDOWN)
		fail("recvmmsg");
	for (int i = 0; i < got; i++) {
		int family, port = find_port(names[i].sll_ifindex);
		const uint8_t *message = find_message(octets[i], messages[i].msg_len, &family);

		if (!message || port < 0)
			continue;
		frames++;
		take(&claims[port][family][message[1]], find_stamp(&messages[i].msg_hdr), message);
	}
	return got == BATCH;
}

static double read_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A frame may be on its way to us: what ended is told a little later. */
static void scan(double now)
{
	for (int port = 0; port < port_count; port++) {
		for (int i = 0; i < 512; i++) {
			struct claim *claim = &claims[port][i / 256][i % 256];

			if (is_over(claim, now - SCAN))
				end_claim(claim);
		}
	}
}

static void answer(int fd, const char *word)
{
	static uint64_t lost;
	struct tpacket_stats statistics;
	socklen_t size = sizeof(statistics);

	for (int port = 0; port < port_count; port++) {
		for (int i = 0; i < 512; i++) {
			struct claim *claim = &claims[port][i / 256][i % 256];

			if (claim->last == 0)
				continue;
			tell('=', claim);
			printf(" %d %lu\n", claim->claims, claim->count);
		}
	}
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) < 0)
		fail("PACKET_STATISTICS");
	lost += statistics.tp_drops;
	printf("! %lu %lu\n. %s\n", frames, lost, word);
}

/* The kernel shows us advertisements only, each once: as it enters one of the ports. */
static int open_socket(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL_VRRP, 3, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL_VRRP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, FRAME_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {sizeof(steps) / sizeof(steps[0]), steps};
	int one = 1, buffer = BUFFER, fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) < 0 ||
		bind(fd, (struct sockaddr *)&all, sizeof(all)) < 0)
		fail("AF_PACKET");
	return fd;
}

static void turn(int fd, double *scanned)
{
	char word[64];
	double now = read_clock();
	ssize_t got;

	while (read_batch(fd))
		;
	if (now - *scanned >= SCAN) {
		scan(now);
		*scanned = now;
	}
	got = read(STDIN_FILENO, word, sizeof(word) - 1);
	if (got == 0)
		exit(0);
	if (got > 0) {
		word[got] = '\0';
		word[strcspn(word, "\n")] = '\0';
		while (read_batch(fd))
			;
		answer(fd, word);
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = TURN};
	double scanned = 0;
	int fd;

	port_count = argc - 1;
	if (port_count < 1 || port_count > PORTS_MAX)
		return 2;
	for (int port = 0; port < port_count; port++) {
		ports[port] = (int)if_nametoindex(argv[port + 1]);
		if (ports[port] == 0)
			fail(argv[port + 1]);
	}
	fd = open_socket();
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	for (;;) {
		turn(fd, &scanned);
		nanosleep(&pause, NULL);
	}
}
