/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_PROCCONNECTOR_H
#define CHECK_TRACK_PROCCONNECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The kernel's process connector (NETLINK_CONNECTOR, CN_IDX_PROC): it tells of every process that
 * is forked, executed, renamed or ends.  Opening it takes NET_ADMIN in the initial user namespace,
 * the initial network namespace and the initial pid namespace; reading it takes nothing, so that
 * the one who may opens it for the one who reads. */

#define PROCCONNECTOR_BUFFER                                                    \
	(1 << 20) /* octets of a receive buffer that nobody asked for otherwise \
		   */

enum procconnector_kind {
	CONNECTOR_OTHER, /* of no interest: a thread's, or of a kind not listed here */
	CONNECTOR_FORK,	 /* `pid` was made by `parent` */
	CONNECTOR_EXEC,	 /* `pid` is another program now */
	CONNECTOR_COMM,	 /* `pid` calls itself otherwise */
	CONNECTOR_EXIT,	 /* `pid` has ended; it may still be a zombie */
};

struct procconnector_event {
	enum procconnector_kind kind;
	pid_t pid;
	pid_t parent;
};

/* A socket that is told of processes and does not block, or a negative errno: -ECONNREFUSED in
 * another network namespace, -EPERM without the power, -ENOTSUP where the kernel does not answer
 * (another pid or user namespace).  `buffer`: octets, 0: PROCCONNECTOR_BUFFER; `force`: beyond the
 * system's limit, as far as that is permitted.  Takes no longer than two system calls and what the
 * kernel has sent by then. */
int procconnector_open(uint32_t buffer, bool force);

/* Reads what is at the socket: 1: *event; 0: nothing is left there; -ENOBUFS: events were lost;
 * another negative errno: the socket is of no more use. */
int procconnector_receive(int fd, struct procconnector_event *event);

/* One datagram of the kernel's.  False if it is not well-formed. */
bool procconnector_read(const void *datagram, size_t size, struct procconnector_event *event);

#endif
