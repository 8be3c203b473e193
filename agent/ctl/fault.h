/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_FAULT_H
#define AGENT_CTL_FAULT_H

#include <jansson.h>

#define FAULT_ROOM 48

/* What the first fault of a router is, as `show` has it: its word, and of an interface that is not
 * there what became of it.  Short, for a column; "" without a fault. */
void fault_write(char out[FAULT_ROOM], const json_t *router);

/* What that interface is called now; NULL: it is there, or nothing is known of it. */
const char *fault_other_name(const json_t *router);

#endif
