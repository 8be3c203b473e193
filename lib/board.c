/* SPDX-License-Identifier: ISC */
#include "lib/board.h"

#include "lib/descriptor.h"
#include "lib/hot.h"
#include "lib/sharedmem.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BOARD_MAGIC	   0x3144524f42505256ull /* "VRPBORD1" */
#define READ_ATTEMPTS	   1000
#define SPINS_BEFORE_YIELD 16

typedef _Atomic uint64_t word;

struct header {
	uint64_t magic;
	uint64_t rows;
	uint64_t row_words;
	word generation;
	uint64_t reserved[4]; /* the rows begin on a cache line of their own */
};

struct board {
	struct header *header;
	word *words;
	size_t rows;
	size_t row_words;
	size_t size;
	int fd;
};

static word *row_of(const struct board *board, size_t row)
{
	return board->words + row * (board->row_words + 1);
}

static void attach(struct board *board, void *map, size_t size)
{
	board->header = map;
	board->words = (word *)(board->header + 1);
	board->rows = board->header->rows;
	board->row_words = board->header->row_words;
	board->size = size;
}

struct board *board_create(size_t rows, size_t row_size, int *fd)
{
	size_t row_words = row_size / sizeof(word);
	size_t size = sizeof(struct header) + rows * (row_words + 1) * sizeof(word);
	struct board *board = calloc(1, sizeof(*board));
	struct header *header;
	void *map;

	if (!board)
		return NULL;
	board->fd = sharedmem_region("vrrp-board", size, 0, &map);
	if (board->fd < 0) {
		errno = -board->fd;
		free(board);
		return NULL;
	}
	header = map;
	header->magic = BOARD_MAGIC;
	header->rows = rows;
	header->row_words = row_words;
	attach(board, map, size);
	*fd = board->fd;
	return board;
}

struct board *board_open(int fd, size_t row_size)
{
	const struct header *header;
	struct board *board;
	const void *map;
	size_t size;
	int error = sharedmem_map(fd, sizeof(*header), &map, &size);

	if (error) {
		errno = -error;
		return NULL;
	}
	header = map;
	board = calloc(1, sizeof(*board));
	if (!board || header->magic != BOARD_MAGIC ||
		header->row_words != row_size / sizeof(word) ||
		header->rows !=
			(size - sizeof(*header)) / ((header->row_words + 1) * sizeof(word))) {
		munmap((void *)map, size);
		free(board);
		errno = EPROTO;
		return NULL;
	}
	board->fd = -1;
	attach(board, (void *)map, size);
	return board;
}

struct board *board_close(struct board *board)
{
	if (!board)
		return NULL;
	munmap(board->header, board->size);
	descriptor_close(board->fd);
	free(board);
	return NULL;
}

size_t board_rows(const struct board *board)
{
	return board->rows;
}

/* The order that makes this a sequence lock without fences: a reader that sees any new word
 * (acquire) also sees the odd sequence stored before it (release), so its second look at the
 * sequence differs. */
HOT void board_write_first(struct board *board, size_t row, const void *content, size_t size)
{
	word *sequence = row_of(board, row);
	uint64_t value = atomic_load_explicit(sequence, memory_order_relaxed);

	atomic_store_explicit(sequence, value + 1, memory_order_relaxed);
	for (size_t i = 0; i < size / sizeof(word); i++) {
		uint64_t part;

		memcpy(&part, (const char *)content + i * sizeof(part), sizeof(part));
		atomic_store_explicit(sequence + 1 + i, part, memory_order_release);
	}
	atomic_store_explicit(sequence, value + 2, memory_order_release);
}

HOT void board_write(struct board *board, size_t row, const void *content)
{
	board_write_first(board, row, content, board->row_words * sizeof(word));
}

/* Of a row in which one word changes, each copy is consistent: the sequence has nothing to tell. */
HOT void board_write_word(struct board *board, size_t row, size_t number, uint64_t content)
{
	atomic_store_explicit(row_of(board, row) + 1 + number, content, memory_order_release);
}

void board_bump(struct board *board)
{
	atomic_fetch_add_explicit(&board->header->generation, 1, memory_order_release);
}

HOT uint64_t board_generation(const struct board *board)
{
	return atomic_load_explicit(&board->header->generation, memory_order_acquire);
}

static bool copy_row(const struct board *board, const word *sequence, void *content)
{
	uint64_t before = atomic_load_explicit(sequence, memory_order_acquire);

	if (before & 1)
		return false;
	for (size_t i = 0; i < board->row_words; i++) {
		uint64_t part = atomic_load_explicit(sequence + 1 + i, memory_order_acquire);

		memcpy((char *)content + i * sizeof(part), &part, sizeof(part));
	}
	return atomic_load_explicit(sequence, memory_order_relaxed) == before;
}

int board_read(const struct board *board, size_t row, void *content)
{
	const word *sequence;

	if (row >= board->rows)
		return -ERANGE;
	sequence = row_of(board, row);
	for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
		if (copy_row(board, sequence, content))
			return 0;
		if (attempt >= SPINS_BEFORE_YIELD)
			sched_yield();
	}
	return -EAGAIN;
}
