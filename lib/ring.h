/* SPDX-License-Identifier: ISC */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <stddef.h>
#include <stdint.h>

/* Event ring: fixed-size records in shared memory, with one writer and readers in other threads and
 * processes that the writer does not know of.
 *
 * Contract: the writer (the engine thread) never waits: it overwrites the oldest record.  Records
 * are numbered from 1 without gaps, so that a reader that was too slow knows exactly how many it
 * lost.  A reader's place is one number, its cursor: the number of the next record it wants; where
 * it is kept (and what survives a restart) is the reader's business, see lib/cursors.h.
 * Waking readers is done beside the ring, by an eventfd for each, once per batch of records. */

#define RING_RECORD_SIZE 128

struct ring;

/* Creates a ring of `records` records (a power of two).  The descriptor for readers is stored in
 * *fd and stays the ring's.  NULL: errno says why. */
struct ring *ring_create(size_t records, int *fd);

/* Maps the ring behind `fd` for reading.  NULL with errno EPROTO if it is no ring. */
struct ring *ring_open(int fd);

struct ring *ring_close(struct ring *ring);

/* Writer, before the first record: it will bear that number (from 1). */
void ring_begin_at(struct ring *ring, uint64_t number);

/* Writer: appends a record of RING_RECORD_SIZE bytes, returns its number. */
uint64_t ring_append(struct ring *ring, const void *record);

/* The number that the next record will bear. */
uint64_t ring_next(const struct ring *ring);

/* Reader: copies the record at *cursor and moves the cursor past it.  1: a record was copied.  0:
 * none is there yet.  If records were overwritten before they were read, the cursor first moves to
 * the oldest that is left, and *lost (never reset here) grows by their number. */
int ring_read(const struct ring *ring, uint64_t *cursor, void *record, uint64_t *lost);

#endif
