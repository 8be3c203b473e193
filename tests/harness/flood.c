/* SPDX-License-Identifier: ISC */
/* Puts frames on the wire at a rate: flood INTERFACE FRAMES-A-SECOND SECONDS < FRAMES, where each frame
 * comes behind its length (16 bits, network order).  Says how many it sent. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define FRAMES_MAX 4096
#define BATCH	   50
#define BILLION	   1000000000ull

static struct iovec frames[FRAMES_MAX];

static unsigned int read_frames(void)
{
	unsigned int count = 0;
	uint16_t length;

	while (count < FRAMES_MAX && fread(&length, sizeof(length), 1, stdin) == 1) {
		frames[count].iov_len = ntohs(length);
		frames[count].iov_base = malloc(frames[count].iov_len + 1);
		if (!frames[count].iov_base ||
			fread(frames[count].iov_base, frames[count].iov_len, 1, stdin) != 1)
			break;
		count++;
	}
	return count;
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

int main(int argc, char **argv)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET};
	struct mmsghdr batch[BATCH] = {0};
	unsigned int count = read_frames(), next = 0;
	uint64_t begin, end, pause, sent = 0;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (argc != 4 || !count || fd < 0)
		return 1;
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	pause = BATCH * BILLION / strtoul(argv[2], NULL, 10);
	begin = now();
	end = begin + strtoul(argv[3], NULL, 10) * BILLION;
	for (uint64_t moment = begin; moment < end; moment += pause) {
		int done;

		for (unsigned int i = 0; i < BATCH; i++, next = (next + 1) % count)
			batch[i].msg_hdr = (struct msghdr){.msg_name = &to,
				.msg_namelen = sizeof(to),
				.msg_iov = &frames[next],
				.msg_iovlen = 1};
		wait_until(moment);
		done = sendmmsg(fd, batch, BATCH, 0);
		sent += done > 0 ? (uint64_t)done : 0;
	}
	printf("%llu\n", (unsigned long long)sent);
	return 0;
}
