/* SPDX-License-Identifier: ISC */
#include "vrrp/deadline.h"

#include "lib/hot.h"

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

static HOT void put(struct deadline_heap *heap, uint32_t place, struct deadline_node node)
{
	heap->nodes[place] = node;
	node.deadline->place = place;
}

static HOT void rise(struct deadline_heap *heap, struct deadline_node node)
{
	uint32_t place = node.deadline->place;

	for (; place > 1 && heap->nodes[place / 2].key > node.key; place /= 2)
		put(heap, place, heap->nodes[place / 2]);
	put(heap, place, node);
}

static HOT void sink(struct deadline_heap *heap, struct deadline_node node)
{
	uint32_t place = node.deadline->place;

	for (;;) {
		uint32_t child = place * 2;

		if (child < heap->count && heap->nodes[child + 1].key < heap->nodes[child].key)
			child++;
		if (child > heap->count || heap->nodes[child].key >= node.key)
			break;
		put(heap, place, heap->nodes[child]);
		place = child;
	}
	put(heap, place, node);
}

HOT void deadline_set(struct deadline_heap *heap, struct deadline *deadline, uint64_t at)
{
	const struct deadline_node node = {at, deadline};

	deadline->at = at;
	if (!deadline->place)
		put(heap, ++heap->count, node);
	else if (at >= heap->nodes[deadline->place].key)
		return;
	rise(heap, node);
}

void deadline_cancel(struct deadline_heap *heap, struct deadline *deadline)
{
	struct deadline_node last;

	if (!deadline->place)
		return;
	last = heap->nodes[heap->count--];
	if (last.deadline != deadline) {
		put(heap, deadline->place, last);
		rise(heap, last);
		sink(heap, last);
	}
	deadline->place = 0;
}

HOT struct deadline *deadline_first(struct deadline_heap *heap)
{
	struct deadline *first = NULL;

	while (heap->count) {
		first = heap->nodes[1].deadline;
		if (first->at == heap->nodes[1].key)
			break;
		sink(heap, (struct deadline_node){first->at, first});
	}
	return first;
}
