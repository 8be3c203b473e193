/* SPDX-License-Identifier: ISC */
#ifndef LIB_TRACKER_H
#define LIB_TRACKER_H

#include <stddef.h>
#include <stdint.h>

/* What the check process finds out about a tracker (struct image_tracker), and the engine keeps. */

/* X(name, word) */
#define TRACKER_STATES(X)     \
	X(UNKNOWN, "unknown") \
	X(OK, "ok")           \
	X(FAILED, "failed")   \
	X(NUMBER, "number") /* of a file: what it means depends on the weight */

enum tracker_state {
#define X(name, word) TRACKER_##name,
	TRACKER_STATES(X)
#undef X
	TRACKER_STATE_COUNT
};

/* What a state rests on: X(name, text, whether the report's value follows the text). */
#define TRACKER_RESULTS(X)                                               \
	X(NONE, "no result yet", false)                                  \
	X(EXIT, "exit", true)                                            \
	X(SIGNAL, "killed by signal", true)                              \
	X(TIMEOUT, "timeout", false)                                     \
	X(NOT_RUN, "can't be run", false)                                \
	X(PROCESSES, "processes:", true)                                 \
	X(NUMBER, "value", true)                                         \
	X(NO_FILE, "no file", false)                                     \
	X(NO_NUMBER, "no number in the file", false)                     \
	X(TOO_LARGE, "the file's number is too large; before it:", true) \
	X(UNREADABLE, "the file can't be read", false)

enum tracker_result {
#define X(name, text, value) TRACKER_RESULT_##name,
	TRACKER_RESULTS(X)
#undef X
	TRACKER_RESULT_COUNT
};

struct tracker_report {
	uint32_t slot;
	uint8_t state;	/* enum tracker_state */
	uint8_t result; /* enum tracker_result */
	uint8_t reserved[2];
	int32_t value; /* exit status, signal, number of processes, number in the file */
};

/* Static strings, "unknown" beyond the tables. */
const char *tracker_state_word(uint8_t state);

/* "script", "process", "file": of enum image_tracker_kind. */
const char *tracker_kind_word(uint8_t kind);

/* "exit 1" */
void tracker_result_text(uint8_t result, int32_t value, char *text, size_t size);

/* What identifies a tracker in all processes and over their lives: its kind and name. */
uint64_t tracker_identity(uint8_t kind, const char *name);

#endif
