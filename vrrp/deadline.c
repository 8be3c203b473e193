/* SPDX-License-Identifier: ISC */
#include "vrrp/deadline.h"

#include <errno.h>
#include <stdlib.h>

int deadline_heap_init(struct deadline_heap *heap, uint32_t capacity)
{
	heap->nodes = calloc(capacity + 1, sizeof(*heap->nodes));
	heap->count = 0;
	heap->capacity = capacity;
	return heap->nodes ? 0 : -ENOMEM;
}

void deadline_heap_clear(struct deadline_heap *heap)
{
	free(heap->nodes);
	heap->nodes = NULL;
	heap->count = 0;
}

static void put(struct deadline_heap *heap, uint32_t place, struct deadline *deadline)
{
	heap->nodes[place] = deadline;
	deadline->place = place;
}

static void rise(struct deadline_heap *heap, struct deadline *deadline)
{
	uint32_t place = deadline->place;

	for (; place > 1 && heap->nodes[place / 2]->at > deadline->at; place /= 2)
		put(heap, place, heap->nodes[place / 2]);
	put(heap, place, deadline);
}

static void sink(struct deadline_heap *heap, struct deadline *deadline)
{
	uint32_t place = deadline->place;

	for (;;) {
		uint32_t child = place * 2;

		if (child < heap->count && heap->nodes[child + 1]->at < heap->nodes[child]->at)
			child++;
		if (child > heap->count || heap->nodes[child]->at >= deadline->at)
			break;
		put(heap, place, heap->nodes[child]);
		place = child;
	}
	put(heap, place, deadline);
}

void deadline_set(struct deadline_heap *heap, struct deadline *deadline, uint64_t at)
{
	deadline->at = at;
	if (!deadline->place)
		put(heap, ++heap->count, deadline);
	rise(heap, deadline);
	sink(heap, deadline);
}

void deadline_cancel(struct deadline_heap *heap, struct deadline *deadline)
{
	struct deadline *last;

	if (!deadline->place)
		return;
	last = heap->nodes[heap->count--];
	if (last != deadline) {
		put(heap, deadline->place, last);
		rise(heap, last);
		sink(heap, last);
	}
	deadline->place = 0;
}

struct deadline *deadline_first(const struct deadline_heap *heap)
{
	return heap->count ? heap->nodes[1] : NULL;
}
