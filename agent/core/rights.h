/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_RIGHTS_H
#define AGENT_CORE_RIGHTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* Who may do what over the control socket: root everything, vrrpctl_group all but write what would
 * make its members root (conf_word_is_roots), vrrpctl_view_group look, and nobody else anything. */

enum right {
	RIGHT_NONE,
	RIGHT_VIEW,
	RIGHT_CHANGE,
	RIGHT_ROOT,
};

/* The groups by their numbers. */
struct rights {
	struct right_group {
		bool known;
		gid_t gid;
	} change, view;
};

/* May ask the network; a group that is gone since the configuration was checked gives nobody
 * anything. */
struct rights rights_resolve(const struct globals *globals);

/* Of the process that connected the Unix socket `fd`, as it was then. */
enum right rights_of_peer(const struct rights *rights, int fd);

/* Adds an error for each group that does not exist on this host. */
void rights_check(const struct config *config, struct conf_diagnostics *diagnostics);

#endif
