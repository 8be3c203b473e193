/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ENGINE_CALLS_H
#define TESTS_ENGINE_CALLS_H

#include <stdbool.h>
#include <stdint.h>

/* What the engine's thread asks of the kernel, and where that thread is held up: the program is
 * linked with --wrap for each of the calls. */

/* Of turns that the clock began, and that were over within half a millisecond: in any other the
 * engine has reason to look for itself. */
struct calls {
	uint64_t turns;
	uint64_t reads;
	uint64_t sends;
};

struct calls calls_made(void);

/* When the engine last sent anything. */
uint64_t calls_sent_at(void);

/* How often it had the kernel prepare something that it did not send. */
uint64_t calls_probes(void);

enum calls_end {
	CALLS_BY_CLOCK = 1,
	CALLS_BY_EVENT
};

/* The next wait that ends that way does not return before calls_release(). */
void calls_hold(enum calls_end end);

/* Waits until it has ended; false: it does not. */
bool calls_held(void);

/* Lets go whoever is held, the next that calls_hold() names excepted. */
void calls_release(void);

#endif
