/* SPDX-License-Identifier: ISC */
#include "vrrp/net/netlink.h"

#include "lib/socketbuffer.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE  (64 * 1024) /* a dump's parts have at most 32 KiB */
#define DUMP_TRIES 5

int netlink_open(uint32_t groups)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int on = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int error;

	if (fd < 0)
		return -errno;
	socketbuffer_receive(fd, NETLINK_BUFFER);
	socketbuffer_send(fd, NETLINK_BUFFER);
	if (setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) == 0 &&
		bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* Octets received from the kernel; 0 for somebody else's. */
static ssize_t receive(int fd, void *buffer, int flags)
{
	struct sockaddr_nl from;
	struct iovec part = {.iov_base = buffer, .iov_len = READ_SIZE};
	struct msghdr header = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1};
	ssize_t length;

	do {
		length = recvmsg(fd, &header, flags);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	if (header.msg_flags & MSG_TRUNC)
		return -ENOBUFS;
	return from.nl_pid == 0 ? length : 0;
}

int netlink_read(int fd, netlink_handler handle, void *context)
{
	_Alignas(struct nlmsghdr) char buffer[READ_SIZE];

	for (;;) {
		ssize_t length = receive(fd, buffer, MSG_DONTWAIT);
		struct nlmsghdr *message = (struct nlmsghdr *)buffer;

		if (length < 0)
			return length == -EAGAIN ? 0 : (int)length;
		for (int left = (int)length; nlmsg_ok(message, left);
			message = nlmsg_next(message, &left))
			handle(context, message);
	}
}

struct dump {
	uint32_t sequence;
	bool done;
	bool interrupted;
	int error;
};

static void take_part(
	struct dump *dump, const struct nlmsghdr *message, netlink_handler handle, void *context)
{
	const struct nlmsgerr *error = nlmsg_data(message);

	if (message->nlmsg_seq != dump->sequence)
		return;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		dump->interrupted = true;
	switch (message->nlmsg_type) {
	case NLMSG_DONE:
		dump->done = true;
		break;
	case NLMSG_ERROR:
		dump->done = true;
		dump->error = error->error;
		break;
	default:
		handle(context, message);
	}
}

static int dump_once(int fd, uint16_t type, netlink_handler handle, void *context)
{
	static _Atomic uint32_t sequence;
	_Alignas(struct nlmsghdr) char buffer[READ_SIZE];
	struct {
		struct nlmsghdr header;
		union {
			struct ifinfomsg link;
			struct ifaddrmsg address;
		};
	} request = {.header = {.nlmsg_len = sizeof(request),
			     .nlmsg_type = type,
			     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			     .nlmsg_seq = ++sequence}};
	struct dump dump = {.sequence = request.header.nlmsg_seq};

	if (send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	while (!dump.done) {
		ssize_t length = receive(fd, buffer, 0);
		struct nlmsghdr *message = (struct nlmsghdr *)buffer;

		if (length < 0)
			return (int)length;
		for (int left = (int)length; nlmsg_ok(message, left);
			message = nlmsg_next(message, &left))
			take_part(&dump, message, handle, context);
	}
	return dump.interrupted && !dump.error ? -EINTR : dump.error;
}

int netlink_dump(int fd, uint16_t type, netlink_handler handle, void *context)
{
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++)
		error = dump_once(fd, type, handle, context);
	return error;
}
