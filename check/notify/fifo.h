/* SPDX-License-Identifier: ISC */
#ifndef CHECK_NOTIFY_FIFO_H
#define CHECK_NOTIFY_FIFO_H

#include "check/config/scripttable.h"
#include "check/script/runlist.h"
#include "lib/consumer.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

/* A FIFO that is told what happens, and the program that reads it.
 *
 * Its queue is the event ring: it has a bookmark of its own there, which follows what has been
 * written.  So a reader that is slow, late or absent stops nothing and costs no memory; what the
 * ring overwrote meanwhile is counted and logged.  A line is whole or not written at all, unless it
 * is longer than PIPE_BUF.  When this process is killed, its successor goes on with the next line;
 * only a kill between the writing of a line and the mark that it was written repeats that line.
 *
 * The program is started with the FIFO when the configuration asks for both, and again by a reload
 * if it has ended; a reload that changes neither leaves it alone.  At the end it may read what was
 * written, then the end of the file; after FIFO_READER_MS it gets SIGTERM. */

#define FIFO_READER_MS 2000

struct fifo;

/* `consumer`: of CONSUMER_FIFO or CONSUMER_VRRP_FIFO; becomes the FIFO's, also on failure.  Uses
 * the others for as long as it lives.  NULL: errno says why. */
struct fifo *fifo_create(sd_event *loop, enum image_fifo_kind kind, struct consumer *consumer,
	const struct scripttable *table, struct runlist_entry *notes);

/* Kills the program.  What was made is removed only by fifo_stop(). */
struct fifo *fifo_free(struct fifo *fifo);

/* Takes from a new image what concerns it. */
void fifo_configure(struct fifo *fifo, const struct image *image);

/* Tells what has happened before the event of that number, as far as the FIFO takes it. */
void fifo_pump(struct fifo *fifo, uint64_t before);

/* All events are there: writes what it can, then lets the program end.  `keep`: a successor goes on
 * with the file. */
void fifo_stop(struct fifo *fifo, bool keep);

/* After fifo_stop(): whether nothing is left to be done. */
bool fifo_is_done(const struct fifo *fifo);

#endif
