/* SPDX-License-Identifier: ISC */
#ifndef AGENT_DATAPLANE_H
#define AGENT_DATAPLANE_H

#include "lib/consumer.h"
#include "vrrp/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct applier;
struct board;
struct engine;
struct filter;
struct handed_over;
struct ring;

/* What must go on whatever the other processes do: the threads of engine and applier, and the
 * memory by which they tell everybody how things stand.  Supervisor thread. */
struct dataplane {
	struct board *board;
	struct ring *ring;
	int board_fd; /* the board's and the ring's own */
	int ring_fd;
	int bookmarks;	      /* of all readers but agentx */
	int agentx_bookmarks; /* for the time that it runs; in a legacy they are among the others */
	int wake[CONSUMER_WOKEN];
	struct applier *applier;
	struct engine *engine;
	struct filter *filter; /* the engine's; NULL: the kernel does not take it */
	bool filter_unwanted;  /* or nobody shall try */
	int channel;	       /* to the engine */
	int engine_end;	       /* of the channel, until the engine has it */
};

#define DATAPLANE_NONE                                                                            \
	{                                                                                         \
		.bookmarks = -1, .agentx_bookmarks = -1, .wake = {-1, -1, -1, -1}, .channel = -1, \
		.engine_end = -1                                                                  \
	}

/* Makes the memory, and the channel: what is sent waits for the engine, and processes can be
 * connected with it.  With something handed over all goes on where the predecessor stopped.  0 or a
 * negative errno; dataplane_stop is due in any case. */
int dataplane_prepare(struct dataplane *dataplane, struct handed_over *handed);

/* Then starts both threads, with the scheduling of the caller's; the descriptors that were handed
 * over are theirs then.  0 or a negative errno. */
int dataplane_start(struct dataplane *dataplane, const char *run_dir, struct handed_over *handed);

/* Ends both threads at once and undoes what the applier undoes. */
void dataplane_stop(struct dataplane *dataplane);

/* Ends the applier's thread with everything as it is, for a successor.  It may have to wait for the
 * kernel; meanwhile the engine advertises, and hears.  Waits for it `wait` ns at most; false: it is
 * to be called again.  Then comes dataplane_hand_over. */
bool dataplane_freeze_applier(struct dataplane *dataplane, uint64_t wait);

/* Ends the engine's in the same way.  A document for a successor that knows the token
 * (agent/handed_over.h), or a negative errno.  Afterwards only dataplane_sockets may be called: the
 * process is to end, or to execute the successor. */
int dataplane_hand_over(struct dataplane *dataplane, uint64_t token);

/* The frozen threads' sockets: those of the engine (vrrp/input.h), and as many as fit of those that
 * hold the group memberships.  Returns how many of these there are. */
size_t dataplane_sockets(
	const struct dataplane *dataplane, int engine[INPUT_SOCKETS], int *groups, size_t room);

/* What the frozen applier has set (applier_journal): a descriptor or a negative errno. */
int dataplane_journal(const struct dataplane *dataplane);

#endif
