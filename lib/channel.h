/* SPDX-License-Identifier: ISC */
#ifndef LIB_CHANNEL_H
#define LIB_CHANNEL_H

#include "lib/message.h"

/* A channel: one end of a socket pair that carries typed messages (lib/message.h), each with at
 * most one descriptor attached.  The same between threads and between processes.  Never blocks: an
 * end that can't take a message says -EAGAIN, and the sender decides whether to try again when it
 * is writable. An end is a plain descriptor, to be polled and closed as such.  Any thread, one at a
 * time. */

/* Makes both ends, close-on-exec.  0 or a negative errno. */
int channel_pair(int ends[2]);

/* Gives an end that was made otherwise (a connected SOCK_SEQPACKET socket of the Unix family, not
 * blocking) the room that those of channel_pair have. */
void channel_widen(int end);

/* Sends a message with `attached` (-1: nothing), which stays the caller's.  0 or a negative errno:
 * -EAGAIN the other end does not read, -EPIPE it is gone. */
int channel_send(int end, const union message *message, int attached);

/* Receives a message.  1: *message is well-formed and *attached is the descriptor that came with it
 * (the caller's now) or -1.  0: nothing is there.  -EPIPE: the other end is gone.  -EBADMSG:
 * something else than a message came, and was thrown away.  -EMFILE: *message is well-formed, but
 * the process may not have one more descriptor, and the one that came with it is lost. */
int channel_receive(int end, union message *message, int *attached);

#endif
