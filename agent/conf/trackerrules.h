/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TRACKERRULES_H
#define AGENT_CONF_TRACKERRULES_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* Trackers and their uses in the model, whatever their kind. */

/* Each kind as its words have it. */
struct tracker_kind {
	enum image_tracker_kind kind;
	const char *block;		   /* "vrrp_script" */
	const char *list;		   /* "track_script" */
	enum instance_attribute attribute; /* of that list */
};

extern const struct tracker_kind conf_tracker_kinds[IMAGE_TRACKER_KIND_COUNT];

/* Checks that what the lists of each kind name exists, and gives each use the weight that it does
 * not say.  After config_reindex(). */
void conf_validate_uses(const struct config *config, const char *whose, struct tracked_list *lists,
	struct conf_diagnostics *diagnostics);

/* The same of all instances, and the trackers themselves. */
void conf_validate_tracked(struct config *config, struct conf_diagnostics *diagnostics);

#endif
