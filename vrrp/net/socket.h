/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_SOCKET_H
#define VRRP_NET_SOCKET_H

#include <stdbool.h>

/* IANA protocol numbers a virtual router speaks (RFC 9568 section 5.1.1.4, RFC 4302). */
#define VRRP_IP_PROTOCOL    112
#define VRRP_AH_IP_PROTOCOL 51

/*
 * One raw socket per family and protocol serves every interface of the network namespace: it is
 * bound to no interface and no address, hears each packet of its protocol that the kernel delivers
 * locally (multicast of every group that *somebody* joined, unicast, broadcast) and tells by packet
 * information where it came in.  Nothing is filtered: whatever RFC 6527 counts reaches the reader.
 * The groups are joined elsewhere (membership.h), since a socket holds only 20 of them.
 *
 * Opens such a socket for sending and receiving.  family: AF_INET or AF_INET6; protocol: 0-255.
 * The descriptor is non-blocking and close-on-exec, TTL or hop limit 255, class selector 6,
 * multicast loop off, buffers of VRRP_SOCKET_BUFFER octets or what
 * the host allows (lib/socketbuffer.h).  Needs CAP_NET_RAW and CAP_NET_ADMIN.
 * Returns the descriptor, which the caller closes, or a negative errno.  Any thread.
 */
int vrrp_socket_open(int family, int protocol);

/* The same for IPv4 and IP protocol 51, where what is sent begins with its IP header. */
int vrrp_socket_open_ah(void);

/* Asked of the kernel for each direction; it doubles it for its own book-keeping. */
#define VRRP_SOCKET_BUFFER (8 * 1024 * 1024)

/* Turns the kernel's receive time stamps (wall clock) on or off.  Off by default: while any socket
 * of the host has them on, every packet of the host is stamped.  Returns 0 or a negative errno. */
int vrrp_socket_set_timestamps(int fd, bool on);

#endif
