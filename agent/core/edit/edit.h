/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EDIT_EDIT_H
#define AGENT_CORE_EDIT_EDIT_H

#include <stdbool.h>

#include "agent/conf/model.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/host.h"
#include "lib/message.h"

/* What a SET asks for, done to a configuration: rows made and destroyed, taken in and out of
 * service, values and addresses changed.  All changes of the set count at once, whatever their
 * order.  They are written down in the language of the configuration file and read by the code that
 * reads the file, so that nothing can be set that could not be written there. */

/* `config` is a copy of the caller's own: after a refusal it is good for nothing but config_free().
 * `host` may be NULL: then it is not asked.  May block on nothing. */
bool edit_apply(struct config *config, const struct message_set *set, const struct host *host,
	struct refusal *refusal);

/* Whether the set brings something into service, so that the host matters. */
bool edit_activates(const struct message_set *set);

#endif
