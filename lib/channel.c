/* SPDX-License-Identifier: ISC */
#include "lib/channel.h"

#include "lib/descriptor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the largest burst of commands: the default holds only some dozens of the larger
 * messages. */
#define CHANNEL_BUFFER (1 << 20)

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int channel_pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	channel_widen(ends[0]);
	channel_widen(ends[1]);
	return 0;
}

void channel_widen(int end)
{
	int size = CHANNEL_BUFFER;

	setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static void attach(struct msghdr *header, union control *control, int fd)
{
	struct cmsghdr *part;

	header->msg_control = control->bytes;
	header->msg_controllen = sizeof(control->bytes);
	part = CMSG_FIRSTHDR(header);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(part), &fd, sizeof(fd));
}

int channel_send(int end, const union message *message, int attached)
{
	struct iovec body = {.iov_base = (void *)message, .iov_len = message->head.size};
	struct msghdr header = {.msg_iov = &body, .msg_iovlen = 1};
	union control control = {0};
	ssize_t sent;

	if (attached >= 0)
		attach(&header, &control, attached);
	do {
		sent = sendmsg(end, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return 0;
	return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
}

static int detach(struct msghdr *header)
{
	struct cmsghdr *part = CMSG_FIRSTHDR(header);
	int fd = -1;

	if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(part), sizeof(fd));
	return fd;
}

int channel_receive(int end, union message *message, int *attached)
{
	struct iovec body = {.iov_base = message, .iov_len = sizeof(*message)};
	union control control = {0};
	struct msghdr header = {.msg_iov = &body,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		/* Not CMSG_SPACE: its padding has room for a second descriptor. */
		.msg_controllen = CMSG_LEN(sizeof(int))};
	ssize_t size;

	*attached = -1;
	do {
		size = recvmsg(end, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (size < 0 && errno == EINTR);
	if (size < 0 && errno == EAGAIN)
		return 0;
	if (size < 0)
		return errno != ECONNRESET ? -errno : -EPIPE;
	*attached = detach(&header);
	if (size > 0 && !(header.msg_flags & MSG_TRUNC) &&
		message_check(message, (size_t)size) == 0) {
		if (!(header.msg_flags & MSG_CTRUNC))
			return 1;
		if (*attached < 0)
			return -EMFILE;
	}
	*attached = descriptor_close(*attached);
	return size > 0 ? -EBADMSG : -EPIPE;
}
