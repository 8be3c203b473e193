/* SPDX-License-Identifier: ISC */
#ifndef CHECK_NOTIFY_FIFOFILE_H
#define CHECK_NOTIFY_FIFOFILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The file of a FIFO: opened, made if it is missing, and taken away by whoever made it. */

/* Which file we made, kept where the next life of this process finds it. */
struct fifofile_note {
	_Atomic uint64_t device, inode; /* inode 0: none */
};

/* Opens it for reading and writing, so that neither an absent reader nor one that goes stops
 * anything; nothing blocks.  What is missing is made with mode 0600 and given to the user and the
 * group; what is there stays as it is.  The descriptor, or a negative errno: -ENOTSUP if something
 * else than a FIFO is there, or what making or opening it failed with. */
int fifofile_open(const char *path, uid_t uid, gid_t gid, struct fifofile_note *note);

/* Removes it if it is the one that was made. */
void fifofile_remove(const char *path, struct fifofile_note *note);

#endif
