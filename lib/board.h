/* SPDX-License-Identifier: ISC */
#ifndef LIB_BOARD_H
#define LIB_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Status board: an array of fixed-size rows in shared memory with one writer and any number of
 * readers in other threads and processes.
 *
 * Contract: the writer (the engine thread) never waits and never fails.  A reader gets a consistent
 * copy of a row or, if the writer stays inside a row for too long (it was stopped there), -EAGAIN.
 * Nothing but the creator can write: the region is sealed.
 *
 * Each row stands under a sequence lock.  Its words are atomics, so that a copy taken while it is
 * written is torn but defined, and is thrown away.  What the words mean is their owner's business
 * (vrrp/status.h). */

struct board;

/* Creates a board of `rows` rows of `row_size` bytes (a multiple of 8) and stores the descriptor
 * that readers map in *fd; it stays the board's.  NULL: errno says why. */
struct board *board_create(size_t rows, size_t row_size, int *fd);

/* Maps the board behind `fd` for reading, and duplicates nothing: the caller may close `fd` after.
 * NULL with errno EPROTO if it is not a board of rows of `row_size` bytes. */
struct board *board_open(int fd, size_t row_size);

struct board *board_close(struct board *board);

size_t board_rows(const struct board *board);

/* Writer: replaces a row, which exists. */
void board_write(struct board *board, size_t row, const void *content);

/* Writer: replaces the first `size` bytes of it, a multiple of 8. */
void board_write_first(struct board *board, size_t row, const void *content, size_t size);

/* Writer: replaces one word of it, by its number: for what changes often and alone. */
void board_write_word(struct board *board, size_t row, size_t number, uint64_t content);

/* Writer: rows came or went.  Readers that keep an index of the rows rebuild it. */
void board_bump(struct board *board);

/* Reader: the number of board_bump() calls so far. */
uint64_t board_generation(const struct board *board);

/* Reader: copies a row.  0; -EAGAIN if no consistent copy could be had in about a millisecond;
 * -ERANGE: there is no such row. */
int board_read(const struct board *board, size_t row, void *content);

#endif
