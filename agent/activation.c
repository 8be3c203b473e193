/* SPDX-License-Identifier: ISC */
#include "agent/activation.h"

#include "lib/channel.h"
#include "lib/inherit.h"
#include "lib/message.h"
#include "lib/netspace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define FIRST_WAIT_MS 5000

/* What goes with the descriptors. */
struct handing {
	uint64_t device; /* of the supervisor's program */
	uint64_t inode;
	int32_t level;
	uint32_t count;
	uint8_t numbers[INHERIT_END];
};

union rights {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(INHERIT_END * sizeof(int))];
};

static int find_program(struct handing *handing)
{
	struct stat status;

	if (stat("/proc/self/exe", &status) < 0)
		return -errno;
	handing->device = status.st_dev;
	handing->inode = status.st_ino;
	return 0;
}

/* Of a connection: who made it; of one's own: who listened. */
static int check_peer(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	return peer.uid == geteuid() ? 0 : -EPERM;
}

/* ---- Supervisor ---- */

int activation_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		error = -errno;
	if (!error)
		error = check_peer(fd);
	if (!error) {
		channel_widen(fd);
		return fd;
	}
	close(fd);
	return error;
}

int activation_hand_over(int channel, const int *inherited, int level)
{
	struct handing handing = {.level = level};
	struct iovec body = {.iov_base = &handing, .iov_len = sizeof(handing)};
	union rights rights = {0};
	struct msghdr header = {
		.msg_iov = &body, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = 0};
	int descriptors[INHERIT_END];
	int error = find_program(&handing);

	if (error)
		return error;
	for (int number = INHERIT_SUPERVISOR + 1; number < INHERIT_END; number++) {
		if (inherited[number] < 0)
			continue;
		handing.numbers[handing.count] = (uint8_t)number;
		descriptors[handing.count++] = inherited[number];
	}
	if (handing.count) {
		size_t size = handing.count * sizeof(int);

		rights.align = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(size)};
		memcpy(CMSG_DATA(&rights.align), descriptors, size);
		header.msg_controllen = CMSG_SPACE(size);
	}
	return sendmsg(channel, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* ---- Child ---- */

static int wait_readable(int fd)
{
	struct pollfd end = {.fd = fd, .events = POLLIN};
	int ready = poll(&end, 1, FIRST_WAIT_MS);

	return ready > 0 ? 0 : ready < 0 ? -errno : -ETIMEDOUT;
}

/* Out of the way of the numbers to which the others go. */
static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, INHERIT_END);
	int error = moved < 0 ? -errno : 0;

	close(fd);
	return error ? error : moved;
}

static int accept_one(void)
{
	int fd, error;

	if (sd_listen_fds(1) != 1 ||
		sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_SEQPACKET, 1) <= 0)
		return -ENOTSOCK;
	error = wait_readable(SD_LISTEN_FDS_START);
	if (error)
		return error;
	fd = accept4(SD_LISTEN_FDS_START, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return fd < 0 ? -errno : move_up(fd);
}

/* Receives into descriptors[number], -1 for none. */
static int receive(int fd, struct handing *handing, int *descriptors)
{
	struct iovec body = {.iov_base = handing, .iov_len = sizeof(*handing)};
	union rights rights = {0};
	struct msghdr header = {.msg_iov = &body,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights)};
	struct cmsghdr *part;
	ssize_t size = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	uint32_t count = 0;
	bool whole;

	if (size < 0)
		return -errno;
	part = CMSG_FIRSTHDR(&header);
	if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
		count = (uint32_t)((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	whole = size == sizeof(*handing) && handing->count == count && count < INHERIT_END &&
		!(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
	for (uint32_t i = 0; i < count; i++) {
		int given;

		memcpy(&given, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
		given = move_up(given);
		if (whole && handing->numbers[i] < INHERIT_END)
			descriptors[handing->numbers[i]] = given;
	}
	return whole ? 0 : size ? -EBADMSG : -EPIPE;
}

static int check_program(const struct handing *handing)
{
	struct handing own = {0};
	int error = find_program(&own);

	if (error)
		return error;
	return own.device == handing->device && own.inode == handing->inode ? 0 : -ESTALE;
}

static int place(const int *descriptors)
{
	for (int number = INHERIT_SUPERVISOR; number < INHERIT_END; number++) {
		if (descriptors[number] < 0)
			close(number);
		else if (dup2(descriptors[number], number) < 0)
			return -errno;
		else
			close(descriptors[number]);
	}
	return 0;
}

static int greet_with(int channel, int attached)
{
	union message message;
	int error;

	if (attached < 0)
		return -errno;
	message_init(&message, MESSAGE_MEANS, 0);
	error = channel_send(channel, &message, attached);
	close(attached);
	return error;
}

/* What the supervisor watches this process by, and ends it if need be; and what tells it of the
 * processor time, since it may not see this process under /proc. */
static int greet(int channel)
{
	int error = greet_with(channel, (int)syscall(SYS_pidfd_open, getpid(), 0));

	return error ? error : greet_with(channel, open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
}

int activation_take(int *level)
{
	struct handing handing = {0};
	int descriptors[INHERIT_END];
	int fd = accept_one();
	int error = fd < 0 ? fd : check_peer(fd);

	for (int number = 0; number < INHERIT_END; number++)
		descriptors[number] = -1;
	if (!error)
		error = wait_readable(fd);
	if (!error)
		error = receive(fd, &handing, descriptors);
	if (!error)
		error = check_program(&handing);
	if (error) /* the process ends, and everything closes */
		return error;
	channel_widen(fd);
	descriptors[INHERIT_SUPERVISOR] = fd;
	*level = handing.level;
	error = place(descriptors);
	if (!error)
		error = netspace_enter_fd(INHERIT_NETSPACE);
	close(INHERIT_NETSPACE);
	return error ? error : greet(INHERIT_SUPERVISOR);
}
