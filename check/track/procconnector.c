/* SPDX-License-Identifier: ISC */
#include "check/track/procconnector.h"

#include "lib/socketbuffer.h"

#include <errno.h>
#include <limits.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A header of netlink's, one of the connector's, a body. */
#define BODY_AT	      (NLMSG_HDRLEN + sizeof(struct cn_msg))
#define DATAGRAM_MAX  512
/* So many events of other processes may lie before the answer. */
#define BEFORE_ANSWER 65536

/* What of the kernel's structure is read.  Its union begins at the same place in every version. */
#define EVENT_DATA offsetof(struct proc_event, event_data)

static bool read_body(const void *datagram, size_t size, struct proc_event *event)
{
	struct nlmsghdr header;
	struct cn_msg message;
	size_t length;

	if (size < BODY_AT + EVENT_DATA)
		return false;
	memcpy(&header, datagram, sizeof(header));
	memcpy(&message, (const char *)datagram + NLMSG_HDRLEN, sizeof(message));
	if (header.nlmsg_len > size || header.nlmsg_len < BODY_AT + EVENT_DATA ||
		message.id.idx != CN_IDX_PROC || message.id.val != CN_VAL_PROC)
		return false;
	length = header.nlmsg_len - BODY_AT;
	if (message.len < length)
		length = message.len;
	if (length > sizeof(*event))
		length = sizeof(*event);
	memset(event, 0, sizeof(*event));
	memcpy(event, (const char *)datagram + BODY_AT, length);
	return length >= EVENT_DATA;
}

bool procconnector_read(const void *datagram, size_t size, struct procconnector_event *event)
{
	struct proc_event body;
	uint32_t thread = 0;

	*event = (struct procconnector_event){0};
	if (!read_body(datagram, size, &body))
		return false;
	/* The kernel's own number of a kind: older headers have it inside of the structure. */
	switch ((unsigned int)body.what) {
	case PROC_EVENT_FORK:
		event->kind = CONNECTOR_FORK;
		event->pid = body.event_data.fork.child_tgid;
		event->parent = body.event_data.fork.parent_tgid;
		thread = (uint32_t)body.event_data.fork.child_pid;
		break;
	case PROC_EVENT_EXEC:
		event->kind = CONNECTOR_EXEC;
		event->pid = body.event_data.exec.process_tgid;
		thread = (uint32_t)body.event_data.exec.process_pid;
		break;
	case PROC_EVENT_COMM:
		event->kind = CONNECTOR_COMM;
		event->pid = body.event_data.comm.process_tgid;
		thread = (uint32_t)body.event_data.comm.process_pid;
		break;
	case PROC_EVENT_EXIT:
		event->kind = CONNECTOR_EXIT;
		event->pid = body.event_data.exit.process_tgid;
		thread = (uint32_t)body.event_data.exit.process_pid;
		break;
	default:
		return true;
	}
	if (event->pid <= 0 || (uint32_t)event->pid != thread)
		*event = (struct procconnector_event){0};
	return true;
}

/* 1: a datagram of the kernel's. */
static int receive(int fd, void *datagram, size_t *size)
{
	struct sockaddr_nl from = {0};
	socklen_t length = sizeof(from);
	ssize_t got = recvfrom(
		fd, datagram, DATAGRAM_MAX, MSG_DONTWAIT, (struct sockaddr *)&from, &length);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0)
		return -errno;
	/* Whoever may send to the group is root as well, but not the kernel. */
	*size = from.nl_pid == 0 ? (size_t)got : 0;
	return 1;
}

int procconnector_receive(int fd, struct procconnector_event *event)
{
	_Alignas(struct nlmsghdr) char datagram[DATAGRAM_MAX];
	size_t size;
	int got;

	while ((got = receive(fd, datagram, &size)) == 1) {
		if (procconnector_read(datagram, size, event) && event->kind != CONNECTOR_OTHER)
			return 1;
	}
	return got;
}

/* "Tell me", to the kernel. */
static int ask(int fd)
{
	static const enum proc_cn_mcast_op listen_to = PROC_CN_MCAST_LISTEN;
	_Alignas(struct nlmsghdr) char datagram[BODY_AT + sizeof(listen_to)] = {0};
	struct nlmsghdr header = {.nlmsg_len = sizeof(datagram), .nlmsg_type = NLMSG_DONE};
	struct cn_msg message = {.id = {CN_IDX_PROC, CN_VAL_PROC},
		.seq = (uint32_t)getpid(),
		.len = sizeof(listen_to)};

	memcpy(datagram, &header, sizeof(header));
	memcpy(datagram + NLMSG_HDRLEN, &message, sizeof(message));
	memcpy(datagram + BODY_AT, &listen_to, sizeof(listen_to));
	return send(fd, datagram, sizeof(datagram), 0) < 0 ? -errno : 0;
}

/* The kernel answers before send() returns, or not at all. */
static int answer(int fd)
{
	_Alignas(struct nlmsghdr) char datagram[DATAGRAM_MAX];
	struct proc_event event;
	size_t size;

	for (int i = 0; i < BEFORE_ANSWER; i++) {
		int got = receive(fd, datagram, &size);

		if (got == 0)
			return -ENOTSUP;
		/* Events are lost already: so the kernel does tell them. */
		if (got == -ENOBUFS)
			return 0;
		if (got < 0)
			return got;
		if (read_body(datagram, size, &event) &&
			(unsigned int)event.what == PROC_EVENT_NONE)
			return -(int)event.event_data.ack.err;
	}
	return 0;
}

/* No buffer of the size asked for is no reason to do without. */
static void set_buffer(int fd, uint32_t buffer, bool force)
{
	int size = buffer ? (int)(buffer < INT_MAX ? buffer : INT_MAX) : PROCCONNECTOR_BUFFER;

	if (force)
		socketbuffer_receive(fd, size);
	else
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int procconnector_open(uint32_t buffer, bool force)
{
	const struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	int error;

	if (fd < 0)
		return -errno;
	set_buffer(fd, buffer, force || !buffer);
	error = bind(fd, (const struct sockaddr *)&group, sizeof(group)) < 0 ? -errno : ask(fd);
	if (!error)
		error = answer(fd);
	if (!error)
		return fd;
	close(fd);
	return error;
}
