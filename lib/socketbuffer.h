/* SPDX-License-Identifier: ISC */
#ifndef LIB_SOCKETBUFFER_H
#define LIB_SOCKETBUFFER_H

/*
 * How much may wait in a socket, in octets.  Beyond net.core.rmem_max and wmem_max only who has
 * CAP_NET_ADMIN on the host itself may go; root of a container whose user namespace is its own has
 * not, and gets what these allow.  Any thread.
 */
void socketbuffer_receive(int fd, int octets);
void socketbuffer_send(int fd, int octets);

/* What waits in it at most of what is received; a negative errno. */
int socketbuffer_received(int fd);

#endif
