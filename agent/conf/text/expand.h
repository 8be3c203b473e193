/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_EXPAND_H
#define AGENT_CONF_TEXT_EXPAND_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/conf/text/arena.h"
#include "agent/conf/text/definition.h"
#include "agent/conf/text/diagnose.h"
#include "agent/conf/text/linebuilder.h"
#include "agent/conf/text/predefined.h"

/* Replaces $NAME and ${NAME} in a line, and remembers where each character was written. */

/* A definition may use another one, and so on: so many deep. */
#define CONF_VIA_DEPTH_MAX 64

/* So many characters definitions and sequences may make in a configuration; a replacement and a
 * line count CONF_EXPANSION_STEP besides. */
#ifndef CONF_EXPANSION_MAX
#define CONF_EXPANSION_MAX (32u << 20)
#endif
#define CONF_EXPANSION_STEP 64

/* Definitions of several lines whose other lines follow the line that was made. */
struct conf_bodies {
	struct {
		const struct conf_definition *definition;
		const struct conf_via *via;
	} items[CONF_VIA_DEPTH_MAX];
	size_t count; /* the last one comes first */
};

struct conf_expander {
	struct arena *arena;		      /* borrowed; ways by which text came */
	struct conf_diagnostics *diagnostics; /* borrowed; NULL: nothing is said */
	struct conf_definitions definitions;
	struct conf_predefined predefined;
	struct conf_bodies bodies; /* of the line being made; the caller empties it */
	uint64_t spent;
	bool exhausted; /* CONF_EXPANSION_MAX, and that has been said */
	bool out_of_memory;
};

/* Make the whole feed into builder->line. */
void conf_expand(struct conf_expander *expander, struct conf_linebuilder *builder);

/*
 * When a defined name begins the feed, put its value in its place: it may begin with a
 * condition, a sequence or a definition. False when there is none.
 */
bool conf_expand_head(struct conf_expander *expander, struct conf_linebuilder *builder);

/* Count work; false when there was too much of it. */
bool conf_expander_spend(
	struct conf_expander *expander, const struct conf_place *place, size_t amount);

/* A step on the way of text; NULL: no memory, or too deep, and that has been said. */
const struct conf_via *conf_via_add(
	struct conf_expander *expander, const struct conf_via *via, const struct conf_place *place);

void conf_expand_error(struct conf_expander *expander, const struct conf_place *place,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
