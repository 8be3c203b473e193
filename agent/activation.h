/* SPDX-License-Identifier: ISC */
#ifndef AGENT_ACTIVATION_H
#define AGENT_ACTIVATION_H

/*
 * A child process that the service manager starts in a unit of its own (systemd's socket
 * activation), so that what it needs does not widen the supervisor's unit: the supervisor connects
 * to the unit's socket and sends what a child that it executes would inherit (lib/inherit.h).  The
 * connection then is the channel between both.  Only for the same user and the same program: after
 * an upgrade the file on the disk is another than that of a supervisor which still runs.
 */

/* Supervisor: connects to the socket at `path`.  The child's channel, or a negative errno: -ENOENT
 * or -ECONNREFUSED where no such unit listens. */
int activation_connect(const char *path);

/* Supervisor: hands `inherited` over, by number, -1 for none (that of the channel itself does not
 * count), which stay the caller's; and the log level.  0 or a negative errno. */
int activation_hand_over(int channel, const int *inherited, int level);

/* Child: takes the connection from the socket that the service manager passed, puts all descriptors
 * where inherit.h says, and sends two MEANS: with a pidfd of itself attached, and with its
 * /proc/PID/stat.  0 with *level, or a negative errno: -ETIMEDOUT if nobody has connected, -EPERM
 * for another user, -ESTALE for another program. */
int activation_take(int *level);

#endif
