/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_LOGVIEW_H
#define AGENT_CTL_LOGVIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* What happened, as the agent remembers it. */

#define LOGVIEW_USUAL 50 /* events, when no number is asked for */

/* Prints the last `count` events (those of the router `name`, unless it is NULL), as lines or as
 * the document.  The exit status. */
int logview_command(const char *socket, bool json, const char *name, int count);

/* One event as a line: "2026-11-22 23:45:01.123  VI_1: Backup -> Active: ...". */
void logview_print_event(const json_t *event, FILE *stream);

#endif
