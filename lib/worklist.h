/* SPDX-License-Identifier: ISC */
#ifndef LIB_WORKLIST_H
#define LIB_WORKLIST_H

#include <stdbool.h>
#include <stdint.h>

/* Worklist: tells another thread which of N numbered things have changed.  One thread adds, one
 * takes. A thing that is on the list already is not added again, so that the list can't overflow,
 * wishes coalesce, and none is lost.  The thing's state itself lies elsewhere: the adder stores it
 * (release) before worklist_add, the taker loads it (acquire) after worklist_take. Neither side
 * ever waits or allocates. */

struct worklist;

/* For things 0 to count-1.  NULL: errno says why. */
struct worklist *worklist_create(uint32_t count);

struct worklist *worklist_free(struct worklist *list);

/* The descriptor that becomes readable after worklist_wake; the list's. */
int worklist_fd(const struct worklist *list);

/* Adder. */
void worklist_add(struct worklist *list, uint32_t thing);

/* Adder: the taker is to be woken for something else, which is stored (release) by now. */
void worklist_add_news(struct worklist *list);

/* Adder: wakes the taker if anything was added since the last call.  Once per batch. */
void worklist_wake(struct worklist *list);

/* Taker: call once per wake-up, before worklist_take, to make the descriptor quiet again. */
void worklist_awake(struct worklist *list);

/* Taker: false if the list is empty. */
bool worklist_take(struct worklist *list, uint32_t *thing);

#endif
