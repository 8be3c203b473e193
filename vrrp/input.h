/* SPDX-License-Identifier: ISC */
#ifndef VRRP_INPUT_H
#define VRRP_INPUT_H

#include "lib/clock.h"

#include <stdbool.h>
#include <stdint.h>

/* A router that advertises more often than this is hasty, ns: what is answered to its peers shall
 * not wait for long. */
#define INPUT_HASTY (500 * NSEC_PER_MSEC)

struct engine;
struct engine_input;

/* Advertisements on their way in: read in batches, decoded in place, handed to the router they are
 * for. Engine thread only; allocates nothing after input_open. */

/* The raw sockets of both families, [family - 1], and [INPUT_AH]; -1: not open. */
enum {
	INPUT_AH = 2,
	INPUT_SOCKETS
};

/* Takes the sockets that are given, and opens those of the families that are not, IPv6's where the
 * kernel has it; the engine's
 * epoll set will watch them once input_watch is called.  NULL: errno, and the given sockets are
 * closed. */
struct engine_input *input_open(int epoll, const int sockets[INPUT_SOCKETS]);

/* Puts the engine's filter (vrrp/net/filter.h) at the sockets of both families, or takes away what
 * is there, another engine's too. */
void input_use_filter(struct engine *engine, bool use, uint64_t now);

/* Has the epoll set watch the sockets.  0 or a negative errno. */
int input_watch(struct engine_input *input);

/* Takes NULL; returns NULL.  Closes the sockets. */
struct engine_input *input_close(struct engine_input *input);

/* The descriptor of a socket, which stays the input's; -1: not open.  `which` as above. */
int input_socket(const struct engine_input *input, int which);

/* The socket for adverts inside AH: opened where the first router wants it (a negative errno: it
 * can't be had), closed with the last. */
int input_open_ah(struct engine_input *input);
void input_close_ah(struct engine_input *input);

/* Reads a bounded number of packets of each socket that is ready (vrrp/ready.h), or of all of them
 * on a tick.  `late`: the engine was held up, so read until nothing waits (within a large bound),
 * because a packet that lies there may refute a deadline.
 * Returns true if more is waiting, or is to be looked for at once. */
bool input_read(struct engine *engine, uint64_t now, bool late);

#endif
