/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_REQUEST_H
#define AGENT_CTL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

/* Sends the request (which is released) to the agent behind the control socket `path`.  The answer,
 * the caller's, or NULL after saying on stderr why there is none; an answer that is an error counts
 * as none. */
json_t *request_answer(const char *path, json_t *request);

/* Asks to be told each event, one JSON document a line, until the connection ends: its socket, the
 * caller's, or -1 after saying on stderr why not. */
int request_events(const char *path);

/* Prints the document as it is. */
void request_print(const json_t *document);

/* Says on stderr what has gone wrong; returns the exit status 1. */
int request_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Exit status of a command that ended with `status`: REQUEST_NO_AGENT if that is because nobody has
 * answered.  `json`: where there is no document to print, one that says why is. */
int request_end(int status, bool json);

#define REQUEST_NO_AGENT 3

#endif
