/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EVENTS_HISTORY_H
#define AGENT_CORE_EVENTS_HISTORY_H

#include <jansson.h>
#include <stddef.h>

/* What happened, kept across restarts: one JSON document on each line of a file in the state
 * directory, and a second file with those before, HISTORY_FILE_MAX octets each.  It is an account
 * for people: it is not synchronised to the disk, and a disk that is full costs entries and nothing
 * else; that is told once, and so is its end.  Core; may block on the disk. */

#define HISTORY_FILE	 "history.jsonl"
#define HISTORY_FILE_MAX (1024 * 1024)

struct history;

/* NULL: out of memory.  That the file can't be opened is logged and not fatal. */
struct history *history_open(const char *state_dir);

/* Takes NULL; returns NULL. */
struct history *history_close(struct history *history);

/* One more line, without its end. */
void history_add(struct history *history, const char *line);

/* What was added is for every reader to see. */
void history_flush(struct history *history);

/* The last `count` documents at most, oldest first; only those whose member "name" is `name`,
 * unless that is NULL.  A new array, or NULL when memory is short. */
json_t *history_recent(struct history *history, const char *name, size_t count);

#endif
