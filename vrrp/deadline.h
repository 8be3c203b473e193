/* SPDX-License-Identifier: ISC */
#ifndef VRRP_DEADLINE_H
#define VRRP_DEADLINE_H

#include <stdint.h>

/* A heap of deadlines, no allocation once it exists.  One that is put off, as each advertisement
 * does to a Backup's, costs O(1): it stays in its place, and is moved when it comes to the top. All
 * else is O(log n).  A deadline is embedded in what it belongs to; zeroed, it is in no heap. */

struct deadline {
	uint64_t at;	/* absolute, ns */
	uint32_t place; /* in the heap, from 1; 0: in none */
};

struct deadline_node {
	uint64_t key; /* what it is ordered by: at most its deadline's `at` */
	struct deadline *deadline;
};

struct deadline_heap {
	struct deadline_node *nodes; /* from 1 */
	uint32_t count;
	uint32_t capacity;
};

/* 0 or -ENOMEM. */
int deadline_heap_init(struct deadline_heap *heap, uint32_t capacity);

void deadline_heap_clear(struct deadline_heap *heap);

/* Puts the deadline in, or moves it if it is there already. */
void deadline_set(struct deadline_heap *heap, struct deadline *deadline, uint64_t at);

/* Takes it out; nothing happens if it is not in. */
void deadline_cancel(struct deadline_heap *heap, struct deadline *deadline);

/* The earliest, or NULL. */
struct deadline *deadline_first(struct deadline_heap *heap);

#endif
