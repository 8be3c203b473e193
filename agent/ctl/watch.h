/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_WATCH_H
#define AGENT_CTL_WATCH_H

#include <stdbool.h>

/* On a terminal: the table of `show` and what happened last, drawn anew when something happens and
 * each second.  Elsewhere: each event as a line; as a JSON document a line if asked for.  Ends with
 * a signal; the exit status when the agent has ended. */
int watch_command(const char *socket, bool json);

#endif
