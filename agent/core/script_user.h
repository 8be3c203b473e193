/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SCRIPT_USER_H
#define AGENT_CORE_SCRIPT_USER_H

#include <sys/types.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"
#include "agent/core/accounts.h"

/* As whom scripts run: the script's own USER [GROUP], else script_user of global_defs, else the
 * user keepalived_script if there is one, else root.  Without a group it is the user's. */

struct script_user {
	uid_t uid;
	gid_t gid;
};

/* 0, -ENOENT if a user or group does not exist, or another negative errno of the look-up.
 * `script` NULL: what holds for a script that names nobody. */
int script_user_resolve(struct accounts *accounts, const struct globals *globals,
	const struct notify_script *script, struct script_user *user);

/* Adds an error for each script whose user or group does not exist on this host, and a warning for
 * each that could not be run now: part of checking a configuration, wherever that is done. */
void script_user_check(const struct config *config, struct conf_diagnostics *diagnostics);

#endif
