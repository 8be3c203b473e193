/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_STATEMENT_H
#define AGENT_CONF_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/text/diagnose.h"

struct conf_argument {
	const char *value;
	struct conf_place place;
	bool quoted;
	bool glued_comment;
};

/* The words of one line. */
struct conf_statement {
	struct conf_argument *words;
	size_t count;
	size_t room;
	bool bad;      /* some word could not be read, and that has been said */
	bool headless; /* the first one */
};

#endif
