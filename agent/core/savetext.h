/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SAVETEXT_H
#define AGENT_CORE_SAVETEXT_H

#include <stddef.h>

#include "agent/conf/model.h"

/* The configuration file with what management changed written into it: each statement where it
 * stands, new ones at the end of their block, routers of management's own at the end of the file.
 * Comments and everything else stay as they are, to the octet.
 *
 * What stands in another file, or is made by a definition, a sequence or a condition, can't be
 * written so: it is left for the overlay.  So is what a file would be warned of and not mean:
 * nopreempt beside state MASTER, and its like. */
struct saved_text {
	char *text; /* of the main file */
	size_t length;
	size_t written; /* changes: values of a router, and routers that came or went */
	char *left;	/* blocks that stay in the overlay; "" if there are none */
	size_t left_length;
};

/* `text` is the main file's, `config` what it means with the overlay.  0 and *saved, or -ENOMEM. */
int savetext_make(
	const struct config *config, const char *text, size_t length, struct saved_text *saved);

void savetext_clear(struct saved_text *saved);

#endif
