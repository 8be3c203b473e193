/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/notes.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ROOM 1024 /* a power of two */

struct notes {
	struct note ring[ROOM];
	_Atomic uint32_t posted; /* the applier's, read by the engine */
	_Atomic uint32_t taken;	 /* the engine's */
	uint32_t left_out;
	bool news;
	int fd;
};

struct notes *notes_new(void)
{
	struct notes *notes = calloc(1, sizeof(*notes));

	if (!notes)
		return NULL;
	notes->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (notes->fd >= 0)
		return notes;
	free(notes);
	return NULL;
}

struct notes *notes_free(struct notes *notes)
{
	if (!notes)
		return NULL;
	close(notes->fd);
	free(notes);
	return NULL;
}

void notes_post(struct notes *notes, const struct note *note)
{
	uint32_t posted = atomic_load_explicit(&notes->posted, memory_order_relaxed);
	struct note *place = &notes->ring[posted % ROOM];

	if (posted - atomic_load_explicit(&notes->taken, memory_order_acquire) == ROOM) {
		notes->left_out++;
		return;
	}
	*place = *note;
	place->left_out = notes->left_out;
	notes->left_out = 0;
	atomic_store_explicit(&notes->posted, posted + 1, memory_order_release);
	notes->news = true;
}

void notes_wake(struct notes *notes)
{
	if (notes->news)
		eventfd_write(notes->fd, 1);
	notes->news = false;
}

int notes_fd(const struct notes *notes)
{
	return notes->fd;
}

void notes_awake(struct notes *notes)
{
	eventfd_t ignored;

	eventfd_read(notes->fd, &ignored);
}

bool notes_take(struct notes *notes, struct note *note)
{
	uint32_t taken = atomic_load_explicit(&notes->taken, memory_order_relaxed);

	if (taken == atomic_load_explicit(&notes->posted, memory_order_acquire))
		return false;
	*note = notes->ring[taken % ROOM];
	atomic_store_explicit(&notes->taken, taken + 1, memory_order_release);
	return true;
}
