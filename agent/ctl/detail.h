/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DETAIL_H
#define AGENT_CTL_DETAIL_H

#include <stdbool.h>

/* Prints all there is to know of the router `name`: its state, its timers, whom it hears, what it
 * tracks, what it says and who said so, and what happened last; or the documents.  The exit status.
 */
int detail_command(const char *socket, bool json, const char *name);

#endif
