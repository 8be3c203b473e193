/* SPDX-License-Identifier: ISC */
#include "tests/engine/watcher.h"

#include "lib/board.h"
#include "vrrp/status.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The slots in use lie among the first; the others are looked at now and then. */
#define SLOTS_OFTEN 512
#define ALL_EVERY   32

struct watcher {
	struct board *board; /* mappings of its own */
	struct consumer *consumer;
	watcher_expects *expects;
	pthread_t thread;
	atomic_bool end;
	pthread_mutex_t lock;
	struct watched watched; /* under the lock */
	struct watched seen;	/* the thread's */
	uint64_t next;
	uint64_t lost;
	uint64_t generation;
	uint64_t heartbeat;
	uint8_t states[IMAGE_SLOTS]; /* as the last transition left them */
};

static bool plausible(const struct watcher *watcher, uint32_t slot, const struct status_router *row)
{
	static const char zeros[sizeof(*row)];

	if (!row->used)
		return memcmp(row, zeros, sizeof(*row)) == 0;
	return row->used == 1 && row->state < VRRP_STATES && row->virtual_mac[5] == row->vrid &&
	       (row->state == VRRP_STATE_BACKUP || row->state == VRRP_STATE_ACTIVE) ==
		       (row->up_since != 0) &&
	       row->counters[STATUS_STOP_SENT] <= row->counters[STATUS_SENT] &&
	       watcher->expects(slot, row);
}

static void read_board(struct watcher *watcher)
{
	uint32_t slots = watcher->seen.rounds % ALL_EVERY ? SLOTS_OFTEN : IMAGE_SLOTS;
	union status_row row;

	if (board_read(watcher->board, STATUS_ENGINE_ROW, &row) == 0) {
		watcher->seen.backwards += row.engine.generation < watcher->generation;
		watcher->seen.backwards += row.engine.heartbeat < watcher->heartbeat;
		watcher->generation = row.engine.generation;
		watcher->heartbeat = row.engine.heartbeat;
	}
	for (uint32_t slot = 0; slot < slots; slot++) {
		if (board_read(watcher->board, status_row(slot), &row) == 0 &&
			!plausible(watcher, slot, &row.router))
			watcher->seen.torn++;
	}
	watcher->seen.rounds++;
}

static void take_event(struct watcher *watcher, const struct event *event, uint64_t number)
{
	uint64_t lost = consumer_lost(watcher->consumer);

	watcher->seen.gaps += number - watcher->next != lost - watcher->lost;
	if (lost != watcher->lost)
		memset(watcher->states, UINT8_MAX, sizeof(watcher->states));
	watcher->lost = lost;
	watcher->next = number + 1;
	watcher->seen.events++;
	if (event->kind != EVENT_TRANSITION)
		return;
	watcher->seen.transitions++;
	if (event->slot >= IMAGE_SLOTS || event->new_state >= VRRP_STATES ||
		(watcher->states[event->slot] != UINT8_MAX &&
			watcher->states[event->slot] != event->old_state))
		watcher->seen.breaks++;
	else
		watcher->states[event->slot] = event->new_state;
}

static void read_events(struct watcher *watcher)
{
	struct event event;
	uint64_t number;

	while (consumer_next(watcher->consumer, &event, &number)) {
		take_event(watcher, &event, number);
		consumer_done_before(watcher->consumer, number + 1);
	}
	watcher->seen.lost = watcher->lost;
}

static void *watch(void *argument)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct watcher *watcher = argument;
	bool last;

	do {
		last = atomic_load(&watcher->end);
		read_events(watcher);
		read_board(watcher);
		pthread_mutex_lock(&watcher->lock);
		watcher->watched = watcher->seen;
		pthread_mutex_unlock(&watcher->lock);
		nanosleep(&pause, NULL);
	} while (!last);
	return NULL;
}

struct watcher *watcher_start(const struct lab *lab, watcher_expects *expects)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	if (watcher) {
		watcher->board = board_open(lab->board_fd, sizeof(union status_row));
		watcher->consumer = consumer_open(lab->ring_fd, lab->bookmarks, CONSUMER_CORE);
		watcher->expects = expects;
		watcher->next = 1;
		pthread_mutex_init(&watcher->lock, NULL);
	}
	if (!watcher || !watcher->board || !watcher->consumer ||
		pthread_create(&watcher->thread, NULL, watch, watcher) != 0) {
		puts("Bail out! the watcher can't start");
		exit(1);
	}
	return watcher;
}

void watcher_look(struct watcher *watcher, struct watched *watched)
{
	pthread_mutex_lock(&watcher->lock);
	*watched = watcher->watched;
	pthread_mutex_unlock(&watcher->lock);
}

void watcher_end(struct watcher *watcher, struct watched *watched)
{
	atomic_store(&watcher->end, true);
	pthread_join(watcher->thread, NULL);
	*watched = watcher->seen;
	board_close(watcher->board);
	consumer_close(watcher->consumer);
	pthread_mutex_destroy(&watcher->lock);
	free(watcher);
}
