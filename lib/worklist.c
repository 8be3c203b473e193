/* SPDX-License-Identifier: ISC */
#include "lib/worklist.h"

#include "lib/descriptor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

struct worklist {
	_Atomic bool *listed;
	_Atomic uint32_t
		*queue; /* a ring of as many places as there are things, and so never full */
	uint32_t count;
	_Atomic uint64_t added;
	uint64_t taken; /* taker's */
	bool news;	/* adder's: something was added since the last wake */
	int fd;
};

struct worklist *worklist_create(uint32_t count)
{
	struct worklist *list = calloc(1, sizeof(*list));

	if (!list)
		return NULL;
	list->count = count;
	list->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	list->listed = calloc(count, sizeof(*list->listed));
	list->queue = calloc(count, sizeof(*list->queue));
	if (list->fd < 0 || !list->listed || !list->queue)
		return worklist_free(list);
	return list;
}

struct worklist *worklist_free(struct worklist *list)
{
	if (!list)
		return NULL;
	descriptor_close(list->fd);
	free(list->listed);
	free(list->queue);
	free(list);
	return NULL;
}

int worklist_fd(const struct worklist *list)
{
	return list->fd;
}

void worklist_add(struct worklist *list, uint32_t thing)
{
	uint64_t place;

	if (atomic_exchange_explicit(&list->listed[thing], true, memory_order_acq_rel))
		return;
	place = atomic_load_explicit(&list->added, memory_order_relaxed);
	atomic_store_explicit(&list->queue[place % list->count], thing, memory_order_relaxed);
	atomic_store_explicit(&list->added, place + 1, memory_order_release);
	list->news = true;
}

void worklist_add_news(struct worklist *list)
{
	list->news = true;
}

void worklist_wake(struct worklist *list)
{
	if (!list->news)
		return;
	list->news = false;
	eventfd_write(list->fd, 1);
}

void worklist_awake(struct worklist *list)
{
	eventfd_t ignored;

	eventfd_read(list->fd, &ignored);
}

bool worklist_take(struct worklist *list, uint32_t *thing)
{
	if (list->taken == atomic_load_explicit(&list->added, memory_order_acquire))
		return false;
	*thing =
		atomic_load_explicit(&list->queue[list->taken % list->count], memory_order_relaxed);
	list->taken++;
	/* Off the list before its state is read: a change from now on is listed again. */
	atomic_exchange_explicit(&list->listed[*thing], false, memory_order_acq_rel);
	return true;
}
