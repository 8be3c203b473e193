/* SPDX-License-Identifier: ISC */
/*
 * Notes when the kernel says that an IPv4 address was added, in the wall clock, as the stamps of
 *frames are.
 *
 *	addresses FILE	in the device's network namespace, until it is killed
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BUFFER (64 << 20)

struct record {
	uint64_t stamp;
	uint32_t address, unused;
};

/* The local address; 0 without one. */
static uint32_t local(struct nlmsghdr *message)
{
	const struct ifaddrmsg *body = NLMSG_DATA(message);
	uint32_t length = IFA_PAYLOAD(message), address = 0;

	for (struct rtattr *part = IFA_RTA(body); RTA_OK(part, length);
		part = RTA_NEXT(part, length))
		if (part->rta_type == IFA_LOCAL)
			memcpy(&address, RTA_DATA(part), sizeof(address));
	return address;
}

int main(int argc, char **argv)
{
	static char octets[1 << 16] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	const int buffer = BUFFER;
	FILE *file = argc == 2 ? fopen(argv[1], "w") : NULL;

	if (fd < 0 || !file ||
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0 ||
		bind(fd, (struct sockaddr *)&group, sizeof(group)) < 0) {
		perror("addresses");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		ssize_t size = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);
		struct timespec time;

		if (size < 0) {
			/* The file can wait until there is nothing to be stamped. */
			fflush(file);
			size = recv(fd, octets, sizeof(octets), 0);
		}
		if (size < 0) {
			perror("addresses");
			return 1;
		}
		clock_gettime(CLOCK_REALTIME, &time);
		for (struct nlmsghdr *message = (struct nlmsghdr *)octets;
			NLMSG_OK(message, (size_t)size); message = NLMSG_NEXT(message, size)) {
			const struct record record = {
				(uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec,
				local(message), 0};

			if (message->nlmsg_type == RTM_NEWADDR)
				fwrite(&record, sizeof(record), 1, file);
		}
	}
}
