/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_STORE_H
#define AGENT_CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What SNMP and vrrpctl changed, kept across restarts and power cuts: STATE_DIR/overlay.conf, in
 * the grammar of the configuration file, between two comments of a fixed form:
 *
 *     # vrrp-agent overlay, transaction 4711, applied
 *     vrrp_instance VI_1 {
 *         priority 150
 *     }
 *     # end of overlay
 *
 * The first names the transaction that wrote the file and whether it holds (`applied`) or was taken
 * back (`undone`); whoever did not hear the answer can ask.  The file is replaced as a whole: a
 * temporary file, fsync, rename, fsync of the folder.  So a file without its last line is damage
 * from elsewhere, and is refused, never dropped.
 *
 * The content that the last transaction replaced is kept as overlay.previous, so that it can be
 * taken back even by a process that was restarted in between.
 *
 * May block on the disk.  One thread. */

enum store_outcome {
	STORE_NOTHING, /* no transaction has written here yet */
	STORE_APPLIED,
	STORE_UNDONE,
};

struct store;

/* Opens the folder, making it (0700) and its parents if missing, and reads what is there.  Each
 * write first asks for time on `lifeline` (lib/lifeline.h; -1: nobody is asked).
 * 0; -EBADMSG: the overlay file is damaged; -EBUSY: another process has the folder open, also after
 * some seconds, in which one that is ending would have ended; or another negative errno.  Even then *store is set
 * unless memory ran out: store_problem() says what is wrong and what to do; it is good for nothing
 * else. */
int store_open(const char *state_dir, int lifeline, struct store **store);

/* Takes NULL; returns NULL. */
struct store *store_close(struct store *store);

/* The full name of the overlay file, for messages. */
const char *store_path(const struct store *store);

/* What is written there between the comments, terminated; "" if nothing was ever stored. */
const char *store_text(const struct store *store, size_t *length);

/* The same before the last transaction; NULL if that is not known. */
const char *store_previous(const struct store *store, size_t *length);

/* The transaction that wrote last, and what became of it. */
uint64_t store_transaction(const struct store *store);
enum store_outcome store_last_outcome(const struct store *store);

/* Replaces the content (whole lines) durably, applied.  0, or a negative errno: then the old
 * content is in force, in the file as well as in store_text(), and store_problem() says what
 * happened. */
int store_write(struct store *store, uint64_t transaction, const char *text, size_t length);

/* The content before the last transaction is in force again, undone by `transaction`, even on a
 * disk that is full by now.  As store_write(); -ENODATA: it is not known. */
int store_take_back(struct store *store, uint64_t transaction);

/* A sentence about the last failure; "" if there was none since. */
const char *store_problem(const struct store *store);

#endif
