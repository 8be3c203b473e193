/* SPDX-License-Identifier: ISC */
#ifndef AGENT_ROLESPAWN_H
#define AGENT_ROLESPAWN_H

#include "agent/options.h"

#include <sys/types.h>

/* Executes the program anew in a role.  `arguments` are our own, `argument` is one more for the
 * role, NULL or "": none.  It gets the descriptors `inherited` by their numbers (lib/inherit.h), -1
 * for none, no others, and neither our signal mask nor our scheduling.  0 or a negative errno.
 * Supervisor thread. */
int spawn_role(
	enum role role, char **arguments, const char *argument, const int *inherited, pid_t *pid);

#endif
