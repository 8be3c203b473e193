/* SPDX-License-Identifier: ISC */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>
#include <syslog.h>

/* Messages for the operator, from the processes and threads that may block: never the engine, which
 * puts events into the ring instead.  To standard error, one line each; with a priority prefix
 * where the journal reads it, with the time and the process's name elsewhere.  Levels are syslog's.
 *
 * Whoever reads a pipe, socket or terminal at the other end may have stopped: a line waits for that
 * for a moment, the ones behind it don't, and how many were lost is said when somebody reads again.
 * One thread of each process. */

/* Once, before other threads exist.  `name` ("core") is kept by pointer. */
void log_open(const char *name, int level);

/* Closes what log_open() has opened, for whoever is about to give numbers to others. */
void log_yield_descriptors(void);

/* "debug", "info", ... or a digit.  -1 if it is no level. */
int log_parse_level(const char *word);

void log_message(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Lines as they are, with their ends: what -t would print in the same words. */
void log_plain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether standard error leads to the journal. */
bool log_is_journal(void);

/* Whether messages of that level are written at all. */
int log_enabled(int level);

#endif
