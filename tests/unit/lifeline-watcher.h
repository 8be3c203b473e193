/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_LIFELINE_WATCHER_H
#define TESTS_UNIT_LIFELINE_WATCHER_H

#include <stdint.h>

/* The supervisor's look at the lifeline of a process under test (lib/lifeline.h). */

/* What is left of the promise, ms; 0: there is none, or it is broken. */
uint32_t watcher_left(int lifeline);

/* Until the loop sleeps, and so has done what it could. */
void watcher_await_sleep(int lifeline);

/* No promise is broken for so long. */
void watcher_assert_kept_for(int lifeline, uint32_t ms);

#endif
