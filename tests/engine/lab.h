/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ENGINE_LAB_H
#define TESTS_ENGINE_LAB_H

#include "lib/consumer.h"
#include "tests/unit/draft.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The engine and the applier as the supervisor starts them, in the network namespace of the
 * process, with core's place taken by the test.  What can't be made ends the program. */

#define LAB_WAIT_MS 20000 /* for anything that is bound to happen, on a busy machine */

struct lab {
	struct board *board;
	struct ring *ring;
	int board_fd; /* the board's and the ring's own */
	int ring_fd;
	int bookmarks;
	int wake[CONSUMER_WOKEN];
	struct applier *applier;
	struct engine *engine;
	int supervisor;	     /* our end of the channel to the engine */
	int core;	     /* the same, in core's place */
	uint64_t generation; /* of the image last sent */
	uint64_t answered;   /* up to here nothing is to be answered to this core any more */
	uint64_t disorder;   /* answers that came out of order or to nothing */
};

/* `run_dir`: for the applier's journal. */
void lab_start(struct lab *lab, const char *run_dir);

/* A channel of its own between the engine and core, in place of the one before: core was replaced.
 */
void lab_new_core(struct lab *lab);

/* Begins an image of the next generation: whole, or a delta to the last. */
void lab_whole(const struct lab *lab, struct draft *draft);
void lab_delta(const struct lab *lab, struct draft *draft);

/* Sends it; the next one has the generation after it. */
void lab_send(struct lab *lab, const struct draft *draft);

/* Waits for the answer to the last one sent, those before it having been answered before.  Its
 * enum message_error; -1: none came. */
int lab_answer(struct lab *lab);

/* Tells the engine to stop; whether it says STOPPED in time. */
void lab_stop(struct lab *lab);
bool lab_stopped(struct lab *lab);

/* Ends and frees everything. */
void lab_end(struct lab *lab);

/* Whether condition(context) comes true in time. */
bool lab_wait(bool (*condition)(void *context), void *context);

/* Virtual addresses (10.0.0.0/8) that the interfaces of this namespace carry now. */
unsigned int lab_addresses(void);

#endif
