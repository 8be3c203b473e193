/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_LISTING_H
#define AGENT_CONF_TEXT_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/text/expand.h"

/* ~LST(VARIABLE, VALUE, ...) and ~LST({VARIABLE, ...}, {VALUE, ...}, ...). Names in the values are
 * replaced when the variables are. */

struct conf_listing {
	const char **names;  /* of the variables; NULL: there is no list */
	size_t width;	     /* how many they are */
	const char **values; /* by round, then by variable */
	size_t rounds, next;
};

/* Without the space around it, which is taken from its end. */
char *conf_listing_trimmed(char *text);

/* Reads what stands between the parentheses, which it takes apart. False when it makes no sense,
 * and that has been said. */
bool conf_listing_read(struct conf_expander *expander, char *text, const struct conf_place *place,
	struct conf_listing *listing);

/* Gives the variables the values of the next round; what the first one then stands for, or NULL: no
 * memory. */
const char *conf_listing_step(struct conf_expander *expander, struct conf_listing *listing,
	const struct conf_place *place);

#endif
