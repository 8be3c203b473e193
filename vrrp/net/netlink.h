/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_NETLINK_H
#define VRRP_NET_NETLINK_H

#include <linux/netlink.h>
#include <stdint.h>
#include <sys/types.h>

/* Route netlink sockets.  Any thread, one at a time; nothing is allocated after opening. */

/* The kernel's answers and news that wait at most, in octets, for who has NET_ADMIN; the kernel
 * doubles it. */
#define NETLINK_BUFFER (8 * 1024 * 1024)

/* Opens a socket that hears the multicast groups (RTMGRP_*, or-ed).  Returns the descriptor, the
 * caller's, or a negative errno. */
int netlink_open(uint32_t groups);

/* Called for each message of the kernel, which holds until it returns. */
typedef void (*netlink_handler)(void *context, const struct nlmsghdr *message);

/* Reads what waits, without waiting.  Returns 0, or a negative errno: -ENOBUFS when the kernel
 * dropped something (and there may be more to read). */
int netlink_read(int fd, netlink_handler handle, void *context);

/* Asks for all objects of a type (RTM_GETLINK, RTM_GETADDR) of all families and waits for them.
 * Returns 0, -EINTR when they changed so often meanwhile that some may have been left out, or
 * another negative errno. */
int netlink_dump(int fd, uint16_t type, netlink_handler handle, void *context);

#endif
