/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_ARENA_H
#define AGENT_CONF_TEXT_ARENA_H

#include <stddef.h>

/* Memory that is given back all at once. One owner at a time. */
struct arena;

struct arena *arena_new(void);

/* Zeroed and aligned for anything; NULL: out of memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* A terminated copy; NULL: out of memory. */
char *arena_string(struct arena *arena, const char *text, size_t length);

/* Takes NULL; returns NULL. */
struct arena *arena_free(struct arena *arena);

#endif
